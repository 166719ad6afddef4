/* The network of downloader and uploader: they reach the hosts they were told of, and no other.
 *
 * Loaded by LD_PRELOAD, because obstore resolves names and follows redirects in compiled code that offers no say
 * in either. A name that was not allowed does not resolve; an address is connected to only if an allowed name
 * resolved to it; and one of the machine itself or of the link (instance metadata) is none, unless its name was
 * allowed with that. So neither a redirect nor a name that changes its address leads anywhere else, and no
 * credential is sent to a host that it is not for.
 *
 * What is not IP passes, and so does UDP without connect(). glibc's own resolver calls nothing by symbol.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { HOSTS = 64, HOST_MAX = 256, ADDRESSES = 4096, OF_ONE_NAME = 64 };
enum { DONE = 0, IS_LOCAL = -1, NO_ROOM = -2 };

typedef struct { uint8_t bytes[16]; } address;
typedef struct { char name[HOST_MAX]; int local, is_literal; address literal; } host;

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

/* Where clouds tell a machine who it is, beside the link's own addresses. */
static int is_metadata(const uint8_t *v4) {
    static const uint8_t known_ones[][4] = {{100, 100, 100, 200}, {168, 63, 129, 16}, {192, 0, 0, 192}};
    for (unsigned i = 0; i < sizeof known_ones / sizeof *known_ones; i++)
        if (memcmp(v4, known_ones[i], 4) == 0) return 1;
    return 0;
}

/* Of the machine itself, of its link, or of nobody. IPv4 comes as ::ffff:a.b.c.d. */
static int is_local(const address *one) {
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t translated[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0};
    static const uint8_t nat64[4] = {0, 0x64, 0xff, 0x9b};
    static const uint8_t six_to_four[2] = {0x20, 0x02};
    static const uint8_t zero[16];
    static const uint8_t link[2] = {0xfe, 0x80};
    static const uint8_t ec2[4] = {0xfd, 0x00, 0x0e, 0xc2};
    static const uint8_t gce[4] = {0xfd, 0x20, 0x00, 0xce};
    const uint8_t *v4 = NULL;
    if (starts(one, mapped, 96) || starts(one, translated, 96) || starts(one, nat64, 32) || starts(one, zero, 96))
        v4 = one->bytes + 12;
    if (starts(one, six_to_four, 16)) v4 = one->bytes + 2;
    if (v4 != NULL)
        return v4[0] == 0 || v4[0] == 127 || v4[0] >= 224 || (v4[0] == 169 && v4[1] == 254) || is_metadata(v4);
    return starts(one, link, 10) || one->bytes[0] == 0xff || starts(one, ec2, 32) || starts(one, gce, 32);
}

static int address_of(const struct sockaddr *from, socklen_t size, address *to) {
    if (from->sa_family == AF_INET && size >= sizeof(struct sockaddr_in)) {
        memset(to, 0, sizeof *to);
        to->bytes[10] = to->bytes[11] = 0xff;
        memcpy(to->bytes + 12, &((const struct sockaddr_in *)from)->sin_addr, 4);
        return 1;
    }
    if (from->sa_family == AF_INET6 && size >= offsetof(struct sockaddr_in6, sin6_scope_id)) {
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
    for (int i = 0; i < host_count; i++)
        if (hosts[i].is_literal && memcmp(&hosts[i].literal, one, sizeof *one) == 0) return 1;
    return 0;
}

/* Allow a host, a name or an IP address as text. What was allowed stays so, and with local addresses, too. */
int netguard_allow(const char *name, int local) {
    struct in_addr v4;
    host wanted = {.local = local};
    wanted.is_literal = inet_pton(AF_INET6, name, wanted.literal.bytes) == 1;
    if (!wanted.is_literal && inet_aton(name, &v4) != 0) {
        wanted.is_literal = 1;
        wanted.literal.bytes[10] = wanted.literal.bytes[11] = 0xff;
        memcpy(wanted.literal.bytes + 12, &v4, 4);
    }
    if (strlen(name) >= HOST_MAX) return NO_ROOM;
    if (wanted.is_literal && !local && is_local(&wanted.literal)) return IS_LOCAL;
    strcpy(wanted.name, name);
    int done = NO_ROOM;
    pthread_mutex_lock(&lock);
    for (int i = 0; i < host_count && done; i++)
        if (strcasecmp(hosts[i].name, name) == 0) {
            hosts[i].local |= local;
            done = DONE;
        }
    if (done && host_count < HOSTS) {
        hosts[host_count++] = wanted;
        done = DONE;
    }
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
    struct addrinfo *usable = NULL, **end = &usable, *next;
    int count = 0;
    pthread_mutex_lock(&lock);
    for (struct addrinfo *one = *result; one != NULL; one = next) { /* an answer may mix the two */
        address found;
        next = one->ai_next;
        one->ai_next = NULL;
        if (count < OF_ONE_NAME && address_of(one->ai_addr, one->ai_addrlen, &found) && (local || !is_local(&found))) {
            if (!is_known(&found)) know(&found);
            *end = one;
            end = &one->ai_next;
            count++;
        } else {
            freeaddrinfo(one);
        }
    }
    pthread_mutex_unlock(&lock);
    *result = usable;
    return usable != NULL ? 0 : EAI_FAIL;
}

static int may_reach(const struct sockaddr *to, socklen_t size) {
    address wanted;
    if (to == NULL || size < sizeof(sa_family_t)) return 1; /* the kernel says what is wrong */
    if (to->sa_family != AF_INET && to->sa_family != AF_INET6) return 1;
    if (!address_of(to, size, &wanted)) return 0;
    pthread_mutex_lock(&lock);
    int fine = is_known(&wanted);
    pthread_mutex_unlock(&lock);
    return fine;
}

int connect(int fd, const struct sockaddr *to, socklen_t size) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "connect");
    if (!may_reach(to, size)) {
        errno = EACCES;
        return -1;
    }
    return real(fd, to, size);
}

/* These connect, too, where MSG_FASTOPEN says so. */
ssize_t sendto(int fd, const void *data, size_t length, int flags, const struct sockaddr *to, socklen_t size) {
    static ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "sendto");
    if ((flags & MSG_FASTOPEN) && !may_reach(to, size)) {
        errno = EACCES;
        return -1;
    }
    return real(fd, data, length, flags, to, size);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    static ssize_t (*real)(int, const struct msghdr *, int);
    if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "sendmsg");
    if ((flags & MSG_FASTOPEN) && !may_reach(message->msg_name, message->msg_namelen)) {
        errno = EACCES;
        return -1;
    }
    return real(fd, message, flags);
}
