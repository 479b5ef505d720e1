/* What stands beside the conversation, a module each; they hang themselves on the registries of desk.js. */

import "livechat/console/tags.js";
import "livechat/console/replies.js";
import "livechat/console/blocks.js";
