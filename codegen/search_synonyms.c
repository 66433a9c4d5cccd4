/*
 * The words that say nothing, and the words that mean about the same in the
 * world of tools.  The tables are of general English: what one server alone
 * calls a thing does not belong here.
 */
#include <string.h>

#include "base/mem.h"
#include "codegen/search_words.h"

/* True when `plain`, folded, is the word. */
static bool folds_to(const char *plain, const char *word, size_t len)
{
    char folded[SEARCH_WORD_BYTES];
    size_t plain_len;

    if (plain[0] != word[0])
        return false;
    plain_len = strlen(plain);
    BUG_ON(plain_len > sizeof(folded));
    memcpy(folded, plain, plain_len);
    return search_fold(folded, plain_len) == len && memcmp(folded, word, len) == 0;
}

bool search_word_is_empty(const char *word, size_t len)
{
    static const char *const empty[] = {
        "a",         "about",   "again",   "all",    "also",  "am",     "an",       "and",
        "another",   "any",     "anybody", "anyone", "are",   "as",     "asked",    "at",
        "be",        "because", "been",    "being",  "but",   "by",     "can",      "certain",
        "could",     "did",     "do",      "does",   "each",  "else",   "every",    "everything",
        "for",       "from",    "give",    "given",  "gone",  "had",    "has",      "have",
        "here",      "his",     "how",     "i",      "if",    "in",     "into",     "is",
        "it",        "its",     "just",    "kind",   "let",   "like",   "ll",       "many",
        "may",       "me",      "might",   "mine",   "much",  "must",   "my",       "need",
        "not",       "now",     "of",      "off",    "on",    "one",    "only",     "or",
        "other",     "our",     "out",     "over",   "own",   "please", "re",       "right",
        "s",         "shall",   "she",     "should", "so",    "some",   "somebody", "someone",
        "something", "such",    "t",       "than",   "that",  "the",    "their",    "them",
        "then",      "there",   "these",   "they",   "thing", "this",   "those",    "to",
        "too",       "tool",    "towards", "under",  "until", "up",     "us",       "use",
        "using",     "ve",      "very",    "via",    "want",  "was",    "way",      "we",
        "well",      "were",    "what",    "when",   "where", "which",  "while",    "who",
        "whom",      "whose",   "why",     "will",   "with",  "would",  "yet",      "you",
        "your",
    };

    for (size_t i = 0; i < ARRAY_COUNT(empty); i++) {
        if (folds_to(empty[i], word, len))
            return true;
    }
    return false;
}

#define GROUP_WORDS 14

/* A word may stand in several groups. */
static const char *const synonyms[][GROUP_WORDS] = {
    /* what is done */
    { "create", "add", "new", "make", "insert", "register", "open", "build" },
    { "delete", "remove", "erase", "drop", "destroy", "clear", "trash", "purge", "wipe" },
    { "list", "get", "show", "fetch", "retrieve", "display", "enumerate", "read", "view", "see" },
    { "get", "tell", "check", "look", "inspect", "describe", "find", "detail", "info" },
    { "search", "find", "query", "lookup", "look", "locate", "discover", "seek" },
    { "update", "edit", "modify", "change", "set", "patch", "alter", "correct", "adjust" },
    { "rename", "title", "name" },
    { "send", "post", "publish", "submit", "deliver", "write" },
    { "write", "put", "save", "store", "insert", "append", "update" },
    { "run", "execute", "invoke", "start", "launch", "trigger", "perform" },
    { "stop", "cancel", "abort", "kill", "terminate", "halt", "end", "deactivate", "pause" },
    { "undo", "revert", "rollback", "restore", "reset" },
    { "restart", "reboot", "reload" },
    { "download", "export", "save" },
    { "upload", "import", "attach" },
    { "copy", "duplicate", "clone", "fork" },
    { "move", "transfer", "shift" },
    { "join", "merge", "combine", "unify" },
    { "connect", "link", "edge", "arrow" },
    { "convert", "transform", "turn", "change", "exchange" },
    { "compare", "diff", "difference", "differ" },
    { "sort", "order", "rank" },
    { "approve", "accept", "confirm", "sign" },
    { "decline", "reject", "refuse", "respond", "deny" },
    { "answer", "reply", "respond" },
    { "share", "permission", "access", "grant" },
    { "allow", "permit", "grant", "assign" },
    { "lock", "protect", "password" },
    { "validate", "verify", "check", "lint" },
    { "generate", "create", "produce", "make" },
    { "schedule", "book", "plan", "reserve", "cron" },
    { "subscribe", "follow", "watch", "watcher" },
    { "unsubscribe", "optout", "opt" },
    { "translate", "translation", "language" },
    { "suggest", "recommend", "propose", "advise" },
    { "analyze", "analyse", "analysis", "audit", "examine" },
    { "pick", "choose", "select", "declare" },
    { "press", "click", "tap", "push" },
    { "go", "navigate", "visit", "open" },
    { "previous", "back", "last" },
    { "buy", "purchase", "order" },
    { "sell", "sale", "offer", "listing" },
    { "refund", "reimburse", "money" },
    { "pay", "payment", "paid" },
    { "spend", "cost", "billing", "bill", "spending" },
    { "rent", "rental", "lease", "hire" },
    /* people and talk */
    { "user", "member", "person", "people", "account", "profile", "whoami" },
    { "contact", "people", "person", "address" },
    { "customer", "client", "buyer", "contact" },
    { "employee", "staff", "worker", "colleague", "coworker" },
    { "me", "self", "whoami", "myself" },
    { "mail", "email", "inbox", "newsletter" },
    { "message", "chat", "dm", "sms", "text" },
    { "mobile", "phone", "device", "sms" },
    { "comment", "remark", "note", "opinion", "feedback", "annotation" },
    { "review", "rating", "opinion", "feedback" },
    { "meeting", "event", "appointment", "call", "calendar" },
    { "calendar", "agenda", "schedule" },
    { "available", "availability", "free", "presence", "busy" },
    { "invite", "invitation", "event" },
    { "attend", "attendance", "participant" },
    { "leave", "vacation", "holiday", "absence" },
    { "forum", "topic", "thread" },
    { "tweet", "x", "twitter" },
    { "team", "group", "workspace" },
    /* files and documents */
    { "folder", "directory", "dir" },
    { "file", "document", "attachment" },
    { "doc", "document", "documentation", "docs" },
    { "word", "docx", "document" },
    { "slide", "presentation", "powerpoint", "pptx", "deck" },
    { "spreadsheet", "sheet", "excel", "workbook", "xlsx" },
    { "table", "dataset", "grid" },
    { "row", "record", "entry", "item" },
    { "column", "field", "attribute" },
    { "cell", "range" },
    { "chart", "graph", "plot", "diagram", "visualization" },
    { "diagram", "flowchart", "drawing" },
    { "picture", "image", "photo", "png", "illustration" },
    { "screenshot", "capture", "snapshot" },
    { "video", "movie", "clip", "film" },
    { "song", "music", "audio", "track" },
    { "speech", "voice", "audio", "speak" },
    { "paper", "article", "publication", "study", "preprint" },
    { "citation", "bibliography", "reference", "cite" },
    { "content", "text", "body" },
    { "replace", "substitute" },
    { "template", "blueprint" },
    /* the web and programs */
    { "page", "site", "website", "url", "web", "webpage" },
    { "internet", "web", "online" },
    { "google", "web", "search" },
    { "browser", "page", "tab" },
    { "dropdown", "select", "option", "choice" },
    { "console", "log", "output" },
    { "log", "history", "output" },
    { "error", "exception", "failure", "problem", "fail", "crash" },
    { "repo", "repository", "project" },
    { "pr", "pull", "request" },
    { "bug", "issue", "ticket", "defect" },
    { "task", "todo", "ticket", "work" },
    { "sprint", "iteration", "cycle" },
    { "status", "state", "progress", "health" },
    { "commit", "revision" },
    { "branch", "main", "master" },
    { "build", "pipeline", "job", "workflow", "ci" },
    { "test", "check" },
    { "deploy", "deployment", "release", "rollout" },
    { "db", "database", "sql" },
    { "container", "docker" },
    { "vm", "virtual", "machine", "server", "instance", "pod" },
    { "cluster", "kubernetes" },
    { "secret", "credential", "password", "key" },
    { "environment", "env", "variable" },
    { "cron", "schedule", "periodic" },
    { "firewall", "ip" },
    { "domain", "dns", "hostname" },
    { "queue", "backlog", "waiting" },
    { "metric", "statistic", "stat", "analytics", "measure", "figure" },
    { "size", "count", "number", "total", "length", "big", "long" },
    { "vector", "embedding", "index" },
    { "accessibility", "a11y" },
    { "color", "colour" },
    { "stroke", "border", "outline" },
    { "prompt", "instruction" },
    { "model", "ai", "llm" },
    { "preset", "configuration", "setting", "config" },
    /* money and the world */
    { "price", "cost", "quote", "rate" },
    { "currency", "forex", "fx", "dollar", "euro", "money" },
    { "crypto", "cryptocurrency", "bitcoin", "coin", "token" },
    { "stock", "share", "ticker", "symbol", "equity" },
    { "stock", "inventory", "warehouse" },
    { "invoice", "bill", "billing" },
    { "earning", "quarterly", "profit", "income" },
    { "profit", "loss", "pnl" },
    { "receivable", "owe", "outstanding", "aged", "debt" },
    { "balance", "wallet", "account" },
    { "holder", "shareholder", "owner", "own", "holding" },
    { "company", "business", "organization", "organisation", "firm" },
    { "deal", "opportunity" },
    { "discount", "coupon", "promo" },
    { "shop", "store", "market" },
    { "weather", "forecast", "temperature" },
    { "air", "pollution", "polluted", "quality" },
    { "place", "location", "restaurant", "cafe", "shop", "local" },
    { "direction", "route", "drive", "travel", "walk" },
    { "distance", "far", "long" },
    { "near", "nearby", "close", "around" },
    { "elevation", "height", "altitude" },
    { "address", "geocode", "coordinate", "street" },
    { "coordinate", "latitude", "longitude", "lat", "lng", "gps", "position" },
    { "map", "geojson", "geographic" },
    { "hotel", "accommodation", "lodging", "booking" },
    { "house", "home", "property", "apartment" },
    { "recipe", "cook", "meal", "dish", "dinner", "food", "eat" },
    { "time", "clock", "date", "timezone" },
    { "today", "current", "now", "latest", "recent" },
    { "random", "dice", "shuffle", "chance" },
    { "vote", "ballot", "voting" },
    { "run", "ride", "activity", "workout" },
    { "hot", "popular", "trending", "top" },
};

/* Calls `fn` with the folded words of a group, but for the word itself. */
static void
give_others(const char *const *group, const char *word, size_t len, search_word_fn *fn, void *ctx)
{
    for (size_t i = 0; i < GROUP_WORDS && group[i]; i++) {
        if (!folds_to(group[i], word, len))
            search_words(span_of(group[i]), fn, ctx);
    }
}

void search_synonyms(const char *word, size_t len, search_word_fn *fn, void *ctx)
{
    for (size_t i = 0; i < ARRAY_COUNT(synonyms); i++) {
        for (size_t k = 0; k < GROUP_WORDS && synonyms[i][k]; k++) {
            if (!folds_to(synonyms[i][k], word, len))
                continue;
            give_others(synonyms[i], word, len, fn, ctx);
            break;
        }
    }
}
