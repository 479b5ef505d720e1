"""The socket doors: one ASGI handler for visitors, one for operators."""

from chat.consumers.console import console_socket
from chat.consumers.widget import widget_socket

SOCKETS = {"/ws/widget/": widget_socket, "/ws/console/": console_socket}

__all__ = ["SOCKETS", "console_socket", "widget_socket"]
