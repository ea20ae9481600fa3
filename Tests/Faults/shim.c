// Counts the calls by which a program changes the world, and spoils one of them.
//
// Loaded through LD_PRELOAD into a job and, by posix_spawn below, into the jobs that it starts. A point is named by three words:
//   WHO    0 is the first process, 0.2 the second that it started
//   KIND   f a file or folder, p a pipe, s a socket: each is counted by itself, since the calls on pipes differ a little from run to run
//   NUMBER of the call in that process and kind, from 1
// FAULTS_AT="WHO KIND NUMBER", FAULTS_MODE=before|after|stop|short|ENOSPC|EIO|EINTR, FAULTS_LOG=FILE, FAULTS_TRACE=1 to list every point.
// FAULTS_WALK=1 stops the process at every point, until it is told to go on. FAULTS_EVERY=CALL spoils each such call on files once: what is done again at once passes.
// What libc does inside itself (stdio, the rest of posix_spawn) and what is called without libc does not pass here.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PASS, FAIL, SHORT, AFTER };
enum { LOG_SIZE = 8 << 20 };

static const char *who = "0", *mode = "", *every = "", *kinds = "fps";
static char *log_bytes, at_kind;
static unsigned long counts[3], at_number, children, turns;
static int is_traced, is_here, is_walked;
// Calls into SQLite so far: what it does with files between two of them, it does within one.
static unsigned long entries;

// The log is memory shared through a file, so that a process that may no longer write files can still say what it does.
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...) {
  if (!log_bytes) return;
  char line[1024];
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  if (length >= (int)sizeof line) length = sizeof line - 1;
  uint64_t start = __atomic_fetch_add((uint64_t *)log_bytes, (uint64_t)length, __ATOMIC_SEQ_CST);
  if (8 + start + (uint64_t)length <= LOG_SIZE) memcpy(log_bytes + 8 + start, line, (size_t)length);
}

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("FAULTS_LOG"), *at = getenv("FAULTS_AT");
  if (getenv("FAULTS_WHO")) who = getenv("FAULTS_WHO");
  if (getenv("FAULTS_MODE")) mode = getenv("FAULTS_MODE");
  if (getenv("FAULTS_EVERY")) every = getenv("FAULTS_EVERY");
  is_traced = getenv("FAULTS_TRACE") != NULL;
  is_walked = getenv("FAULTS_WALK") != NULL;
  char place[64];
  is_here = at && sscanf(at, "%63s %c %lu", place, &at_kind, &at_number) == 3 && strcmp(place, who) == 0;
  int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *memory = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (memory != MAP_FAILED) log_bytes = memory;
  close(file);
}

static char kind_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) return 0;
  if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) return 'f';
  return S_ISFIFO(status.st_mode) ? 'p' : S_ISSOCK(status.st_mode) ? 's' : 0;
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Counts one call and says what is to become of it.
static int reach(char kind, const char *call, int file, const char *path, void *caller) {
  const char *slot = kind ? strchr(kinds, kind) : NULL;
  if (!slot) return PASS;
  unsigned long number = __atomic_add_fetch(&counts[slot - kinds], 1, __ATOMIC_SEQ_CST);
  int is_it = is_here && kind == at_kind && number == at_number;
  if (kind == 'f' && strcmp(call, every) == 0) is_it = __atomic_fetch_add(&turns, 1, __ATOMIC_SEQ_CST) % 2 == 0;
  if (!is_traced && !is_it) return PASS;
  int before = errno;
  char own[64], real[512] = "";
  if (!path) {
    snprintf(own, sizeof own, "/proc/self/fd/%d", file);
    ssize_t length = readlink(own, real, sizeof real - 1);
    real[length > 0 ? length : 0] = 0;
  }
  Dl_info where;
  int known = dladdr(caller, &where) != 0;
  note("%c %s %c %lu %d %s %s %s+%lx %lu %s\n", is_it ? 'H' : 'T', who, kind, number, getpid(), program_invocation_short_name, call,
       known && strrchr(where.dli_fname, '/') ? strrchr(where.dli_fname, '/') + 1 : "?",
       known ? (unsigned long)((char *)caller - (char *)where.dli_fbase) : 0, entries, path ? path : real);
  if (is_walked) kill(getpid(), SIGSTOP);
  errno = before;
  if (!is_it) return PASS;
  if (strcmp(mode, "before") == 0) die();
  if (strcmp(mode, "after") == 0) return AFTER;
  if (strcmp(mode, "stop") == 0) {
    kill(getpid(), SIGSTOP);
    return PASS;
  }
  if (strcmp(mode, "short") == 0) return SHORT;
  // A socket that fails is dead at both ends; libpq reads on until it sees that.
  if (kind == 's' && strcmp(mode, "EIO") == 0) {
    shutdown(file, SHUT_RDWR);
    errno = ECONNRESET;
    return FAIL;
  }
  errno = strcmp(mode, "ENOSPC") == 0 ? ENOSPC : strcmp(mode, "EINTR") == 0 ? EINTR : EIO;
  return FAIL;
}

// `prepare` runs where the call is to do less than it was asked for; `kind`, `file` and `path` are told of the arguments.
#define WRAP(type, name, parameters, arguments, kind, file, path, prepare)          \
  type name parameters {                                                            \
    static type(*next) parameters;                                                  \
    if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name);                  \
    int fate = reach(kind, #name, file, path, __builtin_return_address(0));         \
    if (fate == FAIL) return -1;                                                    \
    if (fate == SHORT) { prepare; }                                                 \
    type result = next arguments;                                                   \
    if (fate == AFTER) die();                                                       \
    return result;                                                                  \
  }
#define HALF count = count > 1 ? count / 2 : count
#define ON_FILE(name, parameters, arguments) WRAP(int, name, parameters, arguments, kind_of(file), file, NULL, )
#define ON_PATH(name, parameters, arguments) WRAP(int, name, parameters, arguments, 'f', -1, path, )

WRAP(ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, send, (int file, const void *bytes, size_t count, int flags), (file, bytes, count, flags), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, sendto, (int file, const void *bytes, size_t count, int flags, const struct sockaddr *to, socklen_t length),
     (file, bytes, count, flags, to, length), kind_of(file), file, NULL, HALF)
WRAP(ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags), kind_of(file), file, NULL, )

ON_FILE(fsync, (int file), (file))
ON_FILE(fdatasync, (int file), (file))
ON_FILE(sync_file_range, (int file, off64_t at, off64_t count, unsigned flags), (file, at, count, flags))
ON_FILE(ftruncate, (int file, off_t size), (file, size))
ON_FILE(ftruncate64, (int file, off64_t size), (file, size))
ON_FILE(fallocate, (int file, int how, off_t at, off_t size), (file, how, at, size))
ON_FILE(fchmod, (int file, mode_t bits), (file, bits))
ON_FILE(fchown, (int file, uid_t user, gid_t group), (file, user, group))
ON_FILE(futimens, (int file, const struct timespec times[2]), (file, times))

ON_PATH(truncate, (const char *path, off_t size), (path, size))
ON_PATH(rename, (const char *old, const char *path), (old, path))
ON_PATH(renameat, (int from, const char *old, int to, const char *path), (from, old, to, path))
ON_PATH(renameat2, (int from, const char *old, int to, const char *path, unsigned flags), (from, old, to, path, flags))
ON_PATH(link, (const char *old, const char *path), (old, path))
ON_PATH(linkat, (int from, const char *old, int to, const char *path, int flags), (from, old, to, path, flags))
ON_PATH(symlink, (const char *old, const char *path), (old, path))
ON_PATH(unlink, (const char *path), (path))
ON_PATH(unlinkat, (int folder, const char *path, int flags), (folder, path, flags))
ON_PATH(mkdir, (const char *path, mode_t bits), (path, bits))
ON_PATH(mkdirat, (int folder, const char *path, mode_t bits), (folder, path, bits))
ON_PATH(rmdir, (const char *path), (path))
ON_PATH(chmod, (const char *path, mode_t bits), (path, bits))
ON_PATH(utimensat, (int folder, const char *path, const struct timespec times[2], int flags), (folder, path, times, flags))

// Opening changes the world where it may make or empty a file.
#define CHANGES ((flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE)
#define OPEN(name, before, arguments)                                               \
  int name(before const char *path, int flags, ...) {                               \
    static int (*next)(before const char *, int, ...);                              \
    if (!next) next = (int (*)(before const char *, int, ...))dlsym(RTLD_NEXT, #name); \
    va_list list;                                                                   \
    va_start(list, flags);                                                          \
    mode_t bits = CHANGES ? va_arg(list, mode_t) : 0;                               \
    va_end(list);                                                                   \
    int fate = CHANGES ? reach('f', #name, -1, path, __builtin_return_address(0)) : PASS; \
    if (fate == FAIL) return -1;                                                    \
    int result = next arguments;                                                    \
    if (fate == AFTER) die();                                                       \
    return result;                                                                  \
  }
#define NONE
#define FOLDER int folder,
OPEN(open, NONE, (path, flags, bits))
OPEN(open64, NONE, (path, flags, bits))
OPEN(openat, FOLDER, (folder, path, flags, bits))
OPEN(openat64, FOLDER, (folder, path, flags, bits))

// Jobs give their children an environment of their own; the fault goes along.
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const arguments[], char *const environment[]) {
  static int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);
  if (!next) next = dlsym(RTLD_NEXT, "posix_spawn");
  static const char *const names[] = {"LD_PRELOAD", "FAULTS_AT", "FAULTS_MODE", "FAULTS_LOG", "FAULTS_TRACE", "FAULTS_WALK", "FAULTS_EVERY"};
  enum { NAMES = sizeof names / sizeof *names };
  char *own[64], texts[NAMES + 1][1024];
  int count = 0;
  while (environment[count] && count < 54) {
    own[count] = environment[count];
    count++;
  }
  for (int index = 0; index < NAMES; index++) {
    if (!getenv(names[index])) continue;
    snprintf(texts[index], sizeof texts[index], "%s=%s", names[index], getenv(names[index]));
    own[count++] = texts[index];
  }
  snprintf(texts[NAMES], sizeof texts[NAMES], "FAULTS_WHO=%s.%lu", who, __atomic_add_fetch(&children, 1, __ATOMIC_SEQ_CST));
  own[count++] = texts[NAMES];
  own[count] = NULL;
  if (is_traced) note("C %s\n", who);
  return next(pid, path, actions, attributes, arguments, own);
}

// A child that ends by a signal which nobody sent has crashed.
pid_t waitpid(pid_t pid, int *status, int options) {
  static pid_t (*next)(pid_t, int *, int);
  if (!next) next = (pid_t(*)(pid_t, int *, int))dlsym(RTLD_NEXT, "waitpid");
  int own = 0;
  pid_t result = next(pid, status ? status : &own, options);
  int found = status ? *status : own;
  if (result > 0 && WIFSIGNALED(found) && WTERMSIG(found) != SIGKILL) note("S %s %d\n", who, WTERMSIG(found));
  return result;
}

// The calls into SQLite in which it may touch a file. They count themselves and nothing else.
#define ENTERS(name, parameters, arguments)                                         \
  int name parameters {                                                             \
    static int(*next) parameters;                                                   \
    if (!next) next = (int(*) parameters)dlsym(RTLD_NEXT, #name);                   \
    __atomic_add_fetch(&entries, 1, __ATOMIC_SEQ_CST);                              \
    return next arguments;                                                          \
  }
ENTERS(sqlite3_open_v2, (const char *path, void **database, int flags, const char *system), (path, database, flags, system))
ENTERS(sqlite3_prepare_v2, (void *database, const char *text, int size, void **statement, const char **rest), (database, text, size, statement, rest))
ENTERS(sqlite3_prepare_v3, (void *database, const char *text, int size, unsigned flags, void **statement, const char **rest),
       (database, text, size, flags, statement, rest))
ENTERS(sqlite3_step, (void *statement), (statement))
ENTERS(sqlite3_reset, (void *statement), (statement))
ENTERS(sqlite3_finalize, (void *statement), (statement))
ENTERS(sqlite3_exec, (void *database, const char *text, int (*each)(void *, int, char **, char **), void *context, char **message),
       (database, text, each, context, message))
ENTERS(sqlite3_close, (void *database), (database))
ENTERS(sqlite3_close_v2, (void *database), (database))
