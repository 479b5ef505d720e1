"""What is kept or told outside of the tables: every cache key, task argument, log field, folder and session key.

Each line names one thing that the code writes and says what of a person stands in it. test_coverage.py reads the code:
a thing without a line here fails, and so does a line that nothing writes any more.
"""

# the beginning of a key -> what is kept below it, and for how long
CACHE = {
    "analytics:salt:": "a random word of a day, which ends with the day",
    "analytics:seen:": "a hash with that salt: that somebody read a page today, not who",
    "chat.wait:": "how long people wait in a queue, one number",
    "forum:similar:": "numbers of topics, for an hour",
    "handoff-begun:": "a hash of a random word, for ten minutes: that a form was opened with it",
    "handoff:": "what a visitor chose to take over from a service, sealed with a key that only the browser has",
    "identity:": "a hash of a signed word and the number of a visitor, so that it is taken once",
    "limit:": "a keyed hash of who did something and how often, until the window ends",
    "privacy.retention": "how many rows of each table the last run of retention deleted",
    "policies.announced": "versions of our texts",
    "policies.floors": "numbers of versions",
    "support.looks:": "the number of a request and of the agents who look at it, for a minute",
    "surveys:members:": "numbers of surveys",
    "ticket:": "a random word, for half a minute: that it was used",
    "told:": "what somebody chose to take over from a service, sealed, for as long as the form waits",
    "work:": "a hash of a random task that a browser solved",
}
# "app.tasks.name.argument" -> what it is
TASK_ARGUMENTS = {"facts.tasks.recount_account.account_id": "the number of an account"}
# a field of a log line, or the text of a value in its sentence -> what it can be
LOG_FIELDS = {
    "attachment": "the number of a file",
    "characters": "how long a text is",
    "command": "the name of a class of commands",
    "detail": "the name of an exception's class",
    "effect.key": "the name of a kind of effect",
    "error": "the name of an exception's class, or a sentence of ours about a setting or a kind of mail",
    "file": "the number of a file",
    "items": "how many",
    "kind": "a word of a closed list",
    "kind.key": "the name of a kind of mail",
    "len(rows)": "how many",
    "method": "a method of HTTP",
    "ms": "how long",
    "problem": "the name of an exception's class",
    "route": "the name of a page, never its address",
    "row.pk": "the number of a mail",
    "seconds": "how long",
    "self.broken": "a folder of the server",
    "size": "how many",
    "status": "a number of HTTP",
    "stopped": "a sentence of ours about a recipient",
    "sums": "names and figures",
    "tick.task": "the name of a task",
    "type(error).__name__": "the name of an exception's class",
    "why": "a word of a closed list",
}
# what lies in VAR -> what of people it holds; the search after an erasure reads those that say "swept: "
FOLDERS = {
    "address_key": "the key for hashes of addresses",
    "broker": "swept: tasks that wait, with the arguments above",
    "bus": "sockets between processes; nothing is kept",
    "copies": "swept: copies that people asked for, for a day",
    "demo.json": "made-up people of a demo",
    "demo_password": "of a demo",
    "demo_second_step": "of a demo",
    "erased": "keyed hashes of whom the site erased; no backup holds it",
    "files": "swept: files of chats and requests",
    "gaps": "numbers of sockets",
    "joined": "stylesheets",
    "keys": "the key that signs certificates",
    "livechat.sqlite3": "the database, whose columns and indexes are searched one by one",
    "mail": "on a development site only: the mails that would have left",
    "media": "swept: photos",
    "retention_ran": "when the times of the data map were last applied",
    "secret_key": "the site's key",
    "static": "our own scripts and pictures",
    "test.sqlite3": "the database of a test",
    "ticks.json": "when each task last ran",
}
# a key of a browser's session -> what is kept
SESSION = {
    "accepted": "numbers of versions that were accepted",
    "after_second_factor": "an address of a page of ours",
    "forms_that_wait": "random words and the kinds of forms that wait for a service",
    "membership": "the number of the account that is open",
    "privacy_asked": "the number of a proof; the address stands in the table of proofs alone",
    "privacy_proved": "the number of a proof; the address stands in the table of proofs alone",
    "statekit.STATES_SESSION_KEY": "random words of a sign-in that is under way",
    "support_opened": "numbers of requests that this browser opened",
}
# an index for searching -> which texts it holds the words of
INDEXES = {
    "postgresql chat_message.words": "chat.Message.text",
    "postgresql chat_visitor.words": "chat.Visitor.name and email",
    "postgresql chat_search": "chat_message.words",
    "postgresql chat_search_name": "chat_visitor.words",
    "postgresql forum_post_search": "forum_post.search",
    "postgresql forum_topic_search": "forum_topic.search",
    "postgresql forum_post.search": "forum.Post.words",
    "postgresql forum_topic.search": "forum.Topic.title",
    "postgresql support_search": "what support.SupportRequest says",
    "postgresql support_search_line": "support.RequestMessage.text",
    "sqlite chat_search": "chat.Message.text",
    "sqlite chat_search_name": "chat.Visitor.name and email",
    "sqlite forum_post_search": "forum.Post.words",
    "sqlite forum_topic_search": "forum.Topic.title",
    "sqlite support_search": "support.RequestMessage.text and what the request says",
}
