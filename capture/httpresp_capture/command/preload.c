/* Loaded into a command that is watched (LD_PRELOAD). Two things are written down, each as one line at a time:
 *
 *   into $SSLKEYLOGFILE             the keys of each TLS handshake, where the program uses OpenSSL and would not write
 *                                   them by itself; the lines are OpenSSL's own
 *   into $HTTPRESP_TUI_SOCKETS      both ends of each TCP connection that is made or taken
 *
 * Nothing else changes for the program: each call goes on to the real function, with its result and its errno. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void append(const char *variable, struct iovec *parts, int count) {
    const char *path = getenv(variable);
    int file = path && *path ? open(path, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (file < 0) return;
    (void)!writev(file, parts, count);
    close(file);
}

/* TLS keys. */

static void key_line(const void *connection, const char *line) {
    (void)connection;
    struct iovec parts[] = {{(void *)line, strlen(line)}, {"\n", 1}};
    append("SSLKEYLOGFILE", parts, 2);
}

/* A function of the OpenSSL in this process: linked, or loaded later as a plug-in. */
static void *openssl(const char *name) {
    static const char *const libraries[] = {"libssl.so.3", "libssl.so.1.1", "libssl.so.4", NULL};
    void *found = dlsym(RTLD_NEXT, name);
    for (int i = 0; !found && libraries[i]; i++) {
        void *library = dlopen(libraries[i], RTLD_NOLOAD | RTLD_LAZY);
        if (library) found = dlsym(library, name);
    }
    return found;
}

static void *with_keys(void *context) {
    void (*set)(void *, void (*)(const void *, const char *)) = openssl("SSL_CTX_set_keylog_callback");
    if (context && set) set(context, key_line);
    return context;
}

void *SSL_CTX_new(const void *method) {
    void *(*real)(const void *) = openssl("SSL_CTX_new");
    return with_keys(real ? real(method) : NULL);
}

void *SSL_CTX_new_ex(void *library, const char *properties, const void *method) {
    void *(*real)(void *, const char *, const void *) = openssl("SSL_CTX_new_ex");
    return with_keys(real ? real(library, properties, method) : NULL);
}

/* Sockets. */

static int put_end(char *line, size_t size, const struct sockaddr *end) {
    char text[INET6_ADDRSTRLEN];
    if (end->sa_family == AF_INET) {
        const struct sockaddr_in *four = (const struct sockaddr_in *)end;
        if (!inet_ntop(AF_INET, &four->sin_addr, text, sizeof text)) return -1;
        return snprintf(line, size, "%s %u", text, ntohs(four->sin_port));
    }
    if (end->sa_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)end;
        if (!inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof text)) return -1;
        return snprintf(line, size, "%s %u", text, ntohs(six->sin6_port));
    }
    return -1;
}

static void note(int socket, const struct sockaddr *peer) {
    struct sockaddr_storage own, other;
    socklen_t size = sizeof own;
    int kind = 0;
    socklen_t kind_size = sizeof kind;
    char line[2 * INET6_ADDRSTRLEN + 20];
    if (getsockopt(socket, SOL_SOCKET, SO_TYPE, &kind, &kind_size) || kind != SOCK_STREAM) return;
    if (getsockname(socket, (struct sockaddr *)&own, &size)) return;
    if (!peer) {
        size = sizeof other;
        if (getpeername(socket, (struct sockaddr *)&other, &size)) return;
        peer = (struct sockaddr *)&other;
    }
    int first = put_end(line, sizeof line, (struct sockaddr *)&own);
    if (first < 0) return;
    line[first] = ' ';
    int second = put_end(line + first + 1, sizeof line - first - 1, peer);
    if (second < 0) return;
    struct iovec parts[] = {{line, first + 1 + second}, {"\n", 1}};
    append("HTTPRESP_TUI_SOCKETS", parts, 2);
}

int connect(int socket, const struct sockaddr *peer, socklen_t size) {
    static int (*real)(int, const struct sockaddr *, socklen_t);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "connect");
    int result = real(socket, peer, size);
    int error = errno;
    if (peer && (peer->sa_family == AF_INET || peer->sa_family == AF_INET6) && (result == 0 || error == EINPROGRESS))
        note(socket, peer);
    errno = error;
    return result;
}

static int taken(int socket) {
    int error = errno;
    if (socket >= 0) note(socket, NULL);
    errno = error;
    return socket;
}

int accept(int socket, struct sockaddr *peer, socklen_t *size) {
    static int (*real)(int, struct sockaddr *, socklen_t *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "accept");
    return taken(real(socket, peer, size));
}

int accept4(int socket, struct sockaddr *peer, socklen_t *size, int flags) {
    static int (*real)(int, struct sockaddr *, socklen_t *, int);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "accept4");
    return taken(real(socket, peer, size, flags));
}
