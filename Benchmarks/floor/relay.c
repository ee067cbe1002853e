/* A blind TCP relay: the floor under any proxy on this machine.
 *
 * One thread accepts connections, opens one upstream connection for each, and forwards bytes both ways without looking at
 * them. A gateway that does the same and also reads HTTP, checks keys and counts tokens cannot be expected to be cheaper;
 * how close it comes is what scripts/bench shows. The relay is honest, not heroic: io_uring as its documentation
 * recommends, no registered descriptors, no bundles, no zero-copy (specs/hot-path.md says what those would bring).
 *
 *     relay --listen 127.0.0.1:0 --upstream 127.0.0.1:9000 [--epoll] [--buffer-bytes 4096] [--buffers 1024]
 *
 * Prints "listening on 127.0.0.1:PORT" when it is ready.
 */
#define _GNU_SOURCE
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

void die(const char *what, int error)
{
    if (error != 0)
        fprintf(stderr, "relay: %s: %s\n", what, strerror(error));
    else
        fprintf(stderr, "relay: %s\n", what);
    exit(1);
}

void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        die("no memory", errno);
    return memory;
}

void set_nodelay(int fd)
{
    int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0 && errno != EINVAL) /* EINVAL: already reset by the peer */
        die("TCP_NODELAY", errno);
}

int upstream_socket(int flags)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (fd < 0)
        die("socket (raise `ulimit -n`?)", errno);
    set_nodelay(fd);
    return fd;
}

static struct sockaddr_in parse_address(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char host[64];
    unsigned port;
    char rest;
    if (sscanf(text, "%63[0-9.]:%u%c", host, &port, &rest) != 2 || port > 65535 || inet_pton(AF_INET, host, &address.sin_addr) != 1)
        die("an address is written like 127.0.0.1:8080", 0);
    address.sin_port = htons((unsigned short)port);
    return address;
}

static unsigned parse_count(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end != 0 || value == 0 || value > 1 << 24)
        die("--buffer-bytes and --buffers take a number from 1 to 16777216", 0);
    return (unsigned)value;
}

static struct options parse_options(int count, char **arguments)
{
    static const struct option names[] = {
        {"listen", required_argument, NULL, 'l'},  {"upstream", required_argument, NULL, 'u'},
        {"epoll", no_argument, NULL, 'e'},         {"buffer-bytes", required_argument, NULL, 'b'},
        {"buffers", required_argument, NULL, 'n'}, {NULL, 0, NULL, 0},
    };
    struct options options = {.buffers = 1024};
    for (int name; (name = getopt_long(count, arguments, "", names, NULL)) != -1;) {
        switch (name) {
        case 'l': options.listen = parse_address(optarg); break;
        case 'u': options.upstream = parse_address(optarg); break;
        case 'e': options.epoll = true; break;
        case 'b': options.buffer_bytes = parse_count(optarg); break;
        case 'n': options.buffers = parse_count(optarg); break;
        default: exit(2);
        }
    }
    if (options.listen.sin_family == 0 || options.upstream.sin_family == 0)
        die("usage: relay --listen 127.0.0.1:0 --upstream 127.0.0.1:PORT [--epoll] [--buffer-bytes N] [--buffers N]", 0);
    if (options.buffer_bytes == 0)
        options.buffer_bytes = options.epoll ? 64 * 1024 : 4 * 1024;
    if ((options.buffers & (options.buffers - 1)) != 0 || options.buffers > 32768)
        die("--buffers must be a power of two, at most 32768", 0);
    return options;
}

static int listen_on(const struct options *options)
{
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (options->epoll ? SOCK_NONBLOCK : 0), 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        die("socket", errno);
    if (bind(fd, (const struct sockaddr *)&options->listen, sizeof options->listen) < 0 || listen(fd, 4096) < 0)
        die("listen", errno);
    return fd;
}

static void announce(int listener)
{
    struct sockaddr_in bound;
    socklen_t size = sizeof bound;
    if (getsockname(listener, (struct sockaddr *)&bound, &size) < 0)
        die("getsockname", errno);
    printf("listening on %s:%u\n", inet_ntoa(bound.sin_addr), ntohs(bound.sin_port));
    fflush(stdout);
}

static void allow_many_descriptors(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int main(int count, char **arguments)
{
    struct options options = parse_options(count, arguments);
    signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    int listener = listen_on(&options);
    announce(listener); /* connections wait in the backlog until the first turn */
    if (options.epoll)
        relay_with_epoll(&options, listener);
    relay_with_uring(&options, listener);
}
