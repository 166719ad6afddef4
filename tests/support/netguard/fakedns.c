/* Names as a test wants them: loaded behind netguard.so, it answers in the place of glibc's resolver.
 *
 * FAKEDNS is a file of lines "name address", read anew for each question; a name may have several. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    char name[256], address[64];
    FILE *file = fopen(getenv("FAKEDNS"), "r");
    *result = NULL;
    while (file != NULL && fscanf(file, "%255s %63s", name, address) == 2) {
        struct addrinfo **end = result;
        while (*end != NULL) end = &(*end)->ai_next;
        if (node != NULL && strcmp(name, node) == 0 && real(address, service, hints, end) != 0) *end = NULL;
    }
    if (file != NULL) fclose(file);
    return *result == NULL ? EAI_NONAME : 0;
}
