#include "proxy/mcp/profile.h"

struct describe_options
profile_of(const struct config *config, const char *client_name, bool *ret_known)
{
    const struct client_config *client = config_find_client(config, client_name);
    bool known;
    struct describe_options options = {
        .budget_tokens = config->description_budget,
        .max_characters = describe_client_limit(client_name, &known),
    };

    if (ret_known)
        *ret_known = known || client;
    if (!client)
        return options;
    if (client->description_budget)
        options.budget_tokens = client->description_budget;
    if (client->description_limit || client->description_whole)
        options.max_characters = client->description_limit;
    return options;
}
