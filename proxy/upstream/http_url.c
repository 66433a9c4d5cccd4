#include "proxy/upstream/http_url.h"

#include <stdbool.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/mem.h"

static char *url_part(CURLU *url, CURLUPart part, unsigned flags)
{
    char *text = NULL;

    return curl_url_get(url, part, &text, flags) == CURLUE_OK ? text : NULL;
}

static bool same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *of_a = url_part(a, part, CURLU_DEFAULT_PORT),
         *of_b = url_part(b, part, CURLU_DEFAULT_PORT);
    bool same = of_a && of_b && strcasecmp(of_a, of_b) == 0;

    curl_free(of_a);
    curl_free(of_b);
    return same;
}

char *http_same_origin_url(const char *base, const char *reference)
{
    CURLU *from = curl_url(), *to = curl_url();
    char *text = NULL, *result = NULL;

    if (curl_url_set(from, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(to, CURLUPART_URL, base, 0) == CURLUE_OK &&
        curl_url_set(to, CURLUPART_URL, reference, 0) == CURLUE_OK &&
        same_part(from, to, CURLUPART_SCHEME) && same_part(from, to, CURLUPART_HOST) &&
        same_part(from, to, CURLUPART_PORT)) {
        text = url_part(to, CURLUPART_URL, 0);
        result = xstrdup(text);
    }
    curl_free(text);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return result;
}

char *http_url_for_people(const char *text)
{
    CURLU *url = curl_url();
    char *shown = NULL, *result;

    if (curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK) {
        curl_url_set(url, CURLUPART_USER, NULL, 0);
        curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
        curl_url_set(url, CURLUPART_QUERY, NULL, 0);
        curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
        shown = url_part(url, CURLUPART_URL, 0);
    }
    result = xstrdup(shown ? shown : "(not a URL)");
    curl_free(shown);
    curl_url_cleanup(url);
    return result;
}
