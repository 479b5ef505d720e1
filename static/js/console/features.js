/* What stands beside the conversation, a module each; they hang themselves on the registries of desk.js. */
