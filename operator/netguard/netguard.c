/* The network of downloader and uploader: they reach the hosts they were told of, and no other.
 *
 * Loaded by LD_PRELOAD, because obstore resolves names and follows redirects in compiled code that offers no say
 * in either. A name that was not allowed does not resolve; an address is connected to only if an allowed name
 * resolved to it; and one of the machine itself or of the link (instance metadata) is none, unless its name was
 * allowed with that. So neither a redirect nor a name that changes its address leads anywhere else, and no
 * credential is sent to a host that it is not for.
 *
 * What is not IP passes. UDP is not looked at but for connect(): glibc's own resolver calls neither by symbol.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { HOSTS = 64, HOST_MAX = 256, ADDRESSES = 4096 };

typedef struct { uint8_t bytes[16]; } address;
typedef struct { char name[HOST_MAX]; int local; } host;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static host hosts[HOSTS];
static int host_count;
static address known[ADDRESSES];
static unsigned known_count;

static int starts(const address *one, const uint8_t *prefix, unsigned bits) {
    unsigned whole = bits / 8, rest = bits % 8;
    if (memcmp(one->bytes, prefix, whole) != 0) return 0;
    uint8_t mask = rest ? (uint8_t)(0xff << (8 - rest)) : 0;
    return rest == 0 || (one->bytes[whole] & mask) == (prefix[whole] & mask);
}

/* Of the machine itself, of its link, or of nobody. IPv4 comes as ::ffff:a.b.c.d. */
static int is_local(const address *one) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
    static const uint8_t six_to_four[2] = {0x20, 0x02};
    static const uint8_t zero[16];
    static const uint8_t link[2] = {0xfe, 0x80};
    static const uint8_t ec2[16] = {0xfd, 0x00, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54};
    const uint8_t *v4 = NULL;
    if (starts(one, mapped, 96) || starts(one, nat64, 96) || starts(one, zero, 96)) v4 = one->bytes + 12;
    if (starts(one, six_to_four, 16)) v4 = one->bytes + 2;
    if (v4 != NULL)
        return v4[0] == 0 || v4[0] == 127 || v4[0] >= 224 || (v4[0] == 169 && v4[1] == 254);
    return starts(one, link, 10) || one->bytes[0] == 0xff || starts(one, ec2, 128);
}

static int address_of(const struct sockaddr *from, socklen_t size, address *to) {
    if (from->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        memset(to, 0, sizeof *to);
        to->bytes[10] = to->bytes[11] = 0xff;
        memcpy(to->bytes + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
        return 1;
    }
    if (from->sa_family == AF_INET6 && size >= sizeof(struct sockaddr_in6)) {
        memcpy(to->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
        return 1;
    }
    return 0;
}

static void know(const address *one) { /* under the lock */
    known[known_count++ % ADDRESSES] = *one;
}

static int is_known(const address *one) { /* under the lock */
    unsigned count = known_count < ADDRESSES ? known_count : ADDRESSES;
    for (unsigned i = 0; i < count; i++)
        if (memcmp(&known[i], one, sizeof *one) == 0) return 1;
    return 0;
}

/* Allow a host, a name or an IP address as text; 0, or -1 if it does not fit or is local and must not be. */
int netguard_allow(const char *name, int local) {
    struct in_addr v4;
    address literal = {{0}};
    int is_literal = inet_pton(AF_INET6, name, literal.bytes) == 1;
    if (!is_literal && inet_aton(name, &v4) != 0) {
        is_literal = 1;
        memset(&literal, 0, sizeof literal);
        literal.bytes[10] = literal.bytes[11] = 0xff;
        memcpy(literal.bytes + 12, &v4, 4);
    }
    if (strlen(name) >= HOST_MAX || (is_literal && !local && is_local(&literal))) return -1;
    pthread_mutex_lock(&lock);
    int done = -1;
    for (int i = 0; i < host_count && done; i++)
        if (strcasecmp(hosts[i].name, name) == 0) {
            hosts[i].local = local;
            done = 0;
        }
    if (done && host_count < HOSTS) {
        strcpy(hosts[host_count].name, name);
        hosts[host_count++].local = local;
        done = 0;
    }
    if (is_literal && !done && !is_known(&literal)) know(&literal);
    pthread_mutex_unlock(&lock);
    return done;
}

static int allowed(const char *name) { /* -1: not at all; 1: with local addresses */
    int found = -1;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < host_count; i++)
        if (strcasecmp(hosts[i].name, name) == 0) found = hosts[i].local;
    pthread_mutex_unlock(&lock);
    return found;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
    static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    int local = node == NULL ? -1 : allowed(node);
    if (local < 0) return EAI_FAIL;
    int error = real(node, service, hints, result);
    if (error != 0) return error;
    int usable = 0;
    pthread_mutex_lock(&lock);
    for (struct addrinfo *one = *result; one != NULL; one = one->ai_next) {
        address found;
        if (!address_of(one->ai_addr, one->ai_addrlen, &found) || (!local && is_local(&found))) continue;
        if (!is_known(&found)) know(&found);
        usable = 1;
    }
    pthread_mutex_unlock(&lock);
    if (usable) return 0; /* what is local among them is refused by connect() */
    freeaddrinfo(*result);
    *result = NULL;
    return EAI_FAIL;
}

int connect(int fd, const struct sockaddr *to, socklen_t size) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "connect");
    address wanted;
    if (to != NULL && size >= sizeof(sa_family_t) && address_of(to, size, &wanted)) {
        pthread_mutex_lock(&lock);
        int fine = is_known(&wanted);
        pthread_mutex_unlock(&lock);
        if (!fine) {
            errno = EACCES;
            return -1;
        }
    }
    return real(fd, to, size);
}
