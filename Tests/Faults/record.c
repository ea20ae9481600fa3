// Writes down every call by which a program changes files below a folder, with what it writes, and every call that makes a change lasting.
//
// Loaded through LD_PRELOAD into a job and, by posix_spawn below, into the jobs that it starts. RECORD_ROOT names the folder, RECORD_LOG the file. A record is
// a line `OP INODE NUMBER LENGTH PATH<tab>PATH` and LENGTH bytes:
//   C create   M make a folder   R rename (old, new)   L link (new)   U unlink, remove a folder   W write at NUMBER   T cut or lengthen to NUMBER   S sync
// Written after the call, and only where it did what it was asked for; a stage has one thread that writes files, and stages come one after the other.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *root = "";
static int log_file = -1;

__attribute__((constructor)) static void begin(void) {
  if (!getenv("RECORD_ROOT") || !getenv("RECORD_LOG")) return;
  root = getenv("RECORD_ROOT");
  log_file = (int)syscall(SYS_openat, AT_FDCWD, getenv("RECORD_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

// The path below the root, or NULL; `name` may be relative to a folder.
static const char *below(int folder, const char *name, char *space) {
  char own[64], place[2048] = "";
  if (name && name[0] == '/') {
    snprintf(space, 4096, "%s", name);
  } else {
    snprintf(own, sizeof own, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
    ssize_t length = readlink(own, place, sizeof place - 1);
    place[length > 0 ? length : 0] = 0;
    snprintf(space, 4096, name ? "%s/%s" : "%s", place, name);
  }
  size_t size = strlen(root);
  return log_file >= 0 && strncmp(space, root, size) == 0 && space[size] == '/' ? space + size + 1 : NULL;
}

static void put(char kind, unsigned long inode, long number, const char *paths, const struct iovec *parts, int count, size_t length) {
  char line[8300];
  int size = snprintf(line, sizeof line, "%c %lu %ld %zu %s\n", kind, inode, number, length, paths);
  struct iovec all[64] = {{line, (size_t)size}};
  int used = 1;
  for (int index = 0; index < count && used < 64 && length > 0; index++, used++) {
    all[used] = parts[index];
    if (all[used].iov_len > length) all[used].iov_len = length;
    length -= all[used].iov_len;
  }
  syscall(SYS_writev, log_file, all, used);
}

static void on_path(char kind, int folder, const char *path, const char *old) {
  int before = errno;
  char space[4096], both[8200];
  struct stat status = {0};
  const char *name = below(folder, path, space);
  if (name) {
    if (kind != 'U') lstat(space, &status);
    snprintf(both, sizeof both, old ? "%s\t%s" : "%s%s", old ? old : name, old ? name : "");
    put(kind, (unsigned long)status.st_ino, 0, both, NULL, 0, 0);
  }
  errno = before;
}

// `at` below 0: where the file's own place is now, after so many bytes.
static void on_file(char kind, int file, long at, const struct iovec *parts, int count, ssize_t done) {
  int before = errno;
  char space[4096];
  struct stat status;
  const char *name = log_file >= 0 ? below(file, NULL, space) : NULL;
  if (name && fstat(file, &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
    if (at < 0) at = (long)lseek(file, 0, SEEK_CUR) - done;
    put(kind, (unsigned long)status.st_ino, at, name, parts, count, kind == 'W' ? (size_t)done : 0);
  }
  errno = before;
}

#define NEXT(type, name, parameters) static type(*next) parameters; if (!next) next = (type(*) parameters)dlsym(RTLD_NEXT, #name)
#define WRITES(name, parameters, arguments, at, ...)                                \
  ssize_t name parameters {                                                         \
    NEXT(ssize_t, name, parameters);                                                \
    ssize_t done = next arguments;                                                  \
    if (done > 0) on_file('W', file, at, __VA_ARGS__, done);                         \
    return done;                                                                    \
  }
#define BYTES (struct iovec[]){{(void *)bytes, size}}, 1
WRITES(write, (int file, const void *bytes, size_t size), (file, bytes, size), -1, BYTES)
WRITES(pwrite, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at), at, BYTES)
WRITES(pwrite64, (int file, const void *bytes, size_t size, off64_t at), (file, bytes, size, at), at, BYTES)
WRITES(writev, (int file, const struct iovec *parts, int count), (file, parts, count), -1, parts, count)
WRITES(pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at), at, parts, count)

#define CHANGES(kind, name, parameters, arguments, at)                              \
  int name parameters {                                                             \
    NEXT(int, name, parameters);                                                    \
    int result = next arguments;                                                    \
    if (result == 0) on_file(kind, file, at, NULL, 0, 0);                           \
    return result;                                                                  \
  }
CHANGES('S', fsync, (int file), (file), 0)
CHANGES('S', fdatasync, (int file), (file), 0)
CHANGES('T', ftruncate, (int file, off_t size), (file, size), size)
CHANGES('T', ftruncate64, (int file, off64_t size), (file, size), size)

#define NAMES(kind, name, parameters, arguments, folder, old, from)                 \
  int name parameters {                                                             \
    NEXT(int, name, parameters);                                                    \
    char space[4096];                                                               \
    const char *before = from ? below(old, from, space) : NULL;                     \
    int result = next arguments;                                                    \
    if (result == 0) on_path(kind, folder, path, before);                           \
    return result;                                                                  \
  }
#define HERE AT_FDCWD
#define NO (const char *)NULL
NAMES('R', rename, (const char *old, const char *path), (old, path), HERE, HERE, old)
NAMES('R', renameat, (int from, const char *old, int to, const char *path), (from, old, to, path), to, from, old)
NAMES('R', renameat2, (int from, const char *old, int to, const char *path, unsigned flags), (from, old, to, path, flags), to, from, old)
NAMES('L', link, (const char *old, const char *path), (old, path), HERE, HERE, NO)
NAMES('L', linkat, (int from, const char *old, int to, const char *path, int flags), (from, old, to, path, flags), to, HERE, NO)
NAMES('U', unlink, (const char *path), (path), HERE, HERE, NO)
NAMES('U', unlinkat, (int at, const char *path, int flags), (at, path, flags), at, HERE, NO)
NAMES('U', rmdir, (const char *path), (path), HERE, HERE, NO)
NAMES('M', mkdir, (const char *path, mode_t bits), (path, bits), HERE, HERE, NO)
NAMES('M', mkdirat, (int at, const char *path, mode_t bits), (at, path, bits), at, HERE, NO)

#define OPENS(name, first, folder, arguments)                                       \
  int name(first const char *path, int flags, ...) {                                \
    static int (*next)(first const char *, int, ...);                               \
    if (!next) next = (int (*)(first const char *, int, ...))dlsym(RTLD_NEXT, #name); \
    va_list list;                                                                   \
    va_start(list, flags);                                                          \
    mode_t bits = flags & (O_CREAT | __O_TMPFILE) ? va_arg(list, mode_t) : 0;       \
    va_end(list);                                                                   \
    int was_there = !(flags & O_CREAT) || faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0; \
    int result = next arguments;                                                    \
    if (result >= 0 && !was_there) on_path('C', folder, path, NULL);                \
    if (result >= 0 && was_there && (flags & O_TRUNC)) on_file('T', result, 0, NULL, 0, 0); \
    return result;                                                                  \
  }
#define NONE
#define AT int at,
OPENS(open, NONE, AT_FDCWD, (path, flags, bits))
OPENS(open64, NONE, AT_FDCWD, (path, flags, bits))
OPENS(openat, AT, at, (at, path, flags, bits))
OPENS(openat64, AT, at, (at, path, flags, bits))

// Jobs give their children an environment of their own; the record goes along.
int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
                char *const arguments[], char *const environment[]) {
  static int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *, char *const[], char *const[]);
  if (!next) next = dlsym(RTLD_NEXT, "posix_spawn");
  static const char *const names[] = {"LD_PRELOAD", "RECORD_ROOT", "RECORD_LOG"};
  char *own[64], texts[3][1024];
  int count = 0;
  while (environment[count] && count < 60) {
    own[count] = environment[count];
    count++;
  }
  for (int index = 0; index < 3; index++) {
    if (!getenv(names[index])) continue;
    snprintf(texts[index], sizeof texts[index], "%s=%s", names[index], getenv(names[index]));
    own[count++] = texts[index];
  }
  own[count] = NULL;
  return next(pid, path, actions, attributes, arguments, own);
}
