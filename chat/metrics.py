"""The chat path's numbers for `/metrics`."""

from chat.realtime.live import live
from core.metrics import gauge, histogram
from core.realtime import hub

gauge("livechat_sockets", "Open sockets of this process", lambda: len(hub.sockets))
gauge("livechat_frames_sent", "Frames sent to sockets since the start", lambda: hub.frames_sent)
gauge("livechat_slow_sockets_closed", "Sockets closed because their reader stalled", lambda: hub.slow_closed)
gauge("livechat_undelivered", "Sockets whose next frame waits for more than 10 s", lambda: hub.count_stalled(10))
gauge("livechat_messages_written", "Messages and calls written since the start", lambda: live.writer.written)
gauge("livechat_writer_waiting", "What waits for the writer", lambda: live.writer.waiting)
gauge("livechat_visitors_present", "Visitors with an open socket", lambda: len(live.presence))
batch_sizes = histogram("livechat_writer_batch", "Size of the writer's batches", (1, 2, 5, 10, 20, 50, 100, 200, 500))
live.writer.on_batch = batch_sizes.observe
