/*
 * A server that answers faster than any generator asks: one thread, epoll, a fixed response for each request.
 *
 *   cc -O2 -o answering bench/answering.c && ./answering [MICROSECONDS]      prints its port
 *
 * With a time, each answer leaves exactly so long after its request came, however many wait: it burns its core for that.
 *
 * nginx spends more on a request than a fast generator does, and would be what is measured. GET /count tells how many
 * requests were answered before. Requests without a body only, and no request longer than the buffer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static const char response[] =
    "HTTP/1.1 200 OK\r\nServer: answering\r\nConnection: keep-alive\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
static unsigned long answered;

/* Answers that wait for their time: all take as long, so the first to come is the first to go. */
enum { most_waiting = 1 << 16 };
static struct { int client; long due; } waiting[most_waiting];
static unsigned long first, last;
static long service;

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

static int answer(int client) {
  static char in[65536], out[65536];
  ssize_t length = read(client, in, sizeof in - 1);
  if (length <= 0) return -1;
  in[length] = 0;
  size_t written = 0;
  for (char *at = in, *end; (end = strstr(at, "\r\n\r\n")) != NULL; at = end + 4) {
    if (strncmp(at, "GET /count ", 11) == 0) {
      char body[32];
      int digits = snprintf(body, sizeof body, "%lu", answered);
      written += sprintf(out + written, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", digits, body);
      continue;
    }
    answered++;
    if (service > 0) {
      waiting[last % most_waiting].client = client;
      waiting[last++ % most_waiting].due = now() + service;
      continue;
    }
    memcpy(out + written, response, sizeof response - 1);
    written += sizeof response - 1;
  }
  return written == 0 || write(client, out, written) == (ssize_t)written ? 0 : -1;
}

int main(int count_of, char **arguments) {
  if (count_of > 1) service = atol(arguments[1]) * 1000;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4096) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);

  int poll = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[512];
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int count = epoll_wait(poll, ready, 512, service > 0 ? 0 : -1);
    for (; first < last && waiting[first % most_waiting].due <= now(); first++)
      if (write(waiting[first % most_waiting].client, response, sizeof response - 1) < 0) continue;
    for (int i = 0; i < count; i++) {
      int client = ready[i].data.fd;
      if (client != listener) {
        if (answer(client) != 0) close(client);
        continue;
      }
      while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        event = (struct epoll_event){.events = EPOLLIN, .data.fd = client};
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
      }
    }
  }
}
