/* What stands beside the conversation, a module each; they hang themselves on the registries of desk.js. */

import "livechat/console/alert.js";
import "livechat/console/tags.js";
import "livechat/console/replies.js";
import "livechat/console/blocks.js";
import "livechat/console/together.js";
import "livechat/console/notes.js";
import "livechat/console/edits.js";
import "livechat/console/drafts.js";
