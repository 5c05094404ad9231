/* Records what a process asks of the disk, in order: preload it, set RECORD_TO and RECORD_MATCH.
 *
 * Each record: operation (O open, W write, T truncate, S sync, U unlink), int32 length of the path, int64
 * offset, int64 length of the data, path, data. Only files whose name holds RECORD_MATCH are recorded.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 1024
static char names[MOST][512];
static int out = -1;
static const char *match;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
    const char *to = getenv("RECORD_TO");
    match = getenv("RECORD_MATCH");
    if (!to || !match) return;
    int low = syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    out = fcntl(low, F_DUPFD_CLOEXEC, 900);
    syscall(SYS_close, low);
}

static void record(char op, const char *name, int64_t offset, const void *data, int64_t size) {
    int32_t length = strlen(name);
    struct iovec parts[6] = {{&op, 1}, {&length, 4}, {&offset, 8}, {&size, 8},
                             {(void *)name, length}, {(void *)data, data ? size : 0}};
    if (writev(out, parts, 6) < 0) abort();
}

static int known(int file) { return out >= 0 && file >= 0 && file < MOST && names[file][0]; }

static int opened(const char *path, int flags, mode_t mode) {
    pthread_mutex_lock(&lock);
    int file = syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (out >= 0 && file >= 0 && file < MOST && strstr(path, match)) {
        snprintf(names[file], sizeof names[file], "%s", path);
        record('O', path, 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return file;
}

#define OPEN(NAME)                                     \
    int NAME(const char *path, int flags, ...) {       \
        va_list more;                                  \
        va_start(more, flags);                         \
        mode_t mode = va_arg(more, int);               \
        va_end(more);                                  \
        return opened(path, flags, mode);              \
    }
OPEN(open)
OPEN(open64)

#define RECORDED(CALL, TEST, OP, NAME, OFFSET, DATA, SIZE)               \
    pthread_mutex_lock(&lock);                                           \
    long done = CALL;                                                    \
    if (done >= 0 && (TEST)) record(OP, NAME, OFFSET, DATA, SIZE);       \
    pthread_mutex_unlock(&lock);                                         \
    return done;

#define PWRITE(NAME)                                                                       \
    ssize_t NAME(int file, const void *data, size_t size, off_t offset) {                  \
        RECORDED(syscall(SYS_pwrite64, file, data, size, offset), known(file), 'W',        \
                 names[file], offset, data, done)                                          \
    }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int file, const void *data, size_t size) {
    RECORDED(syscall(SYS_write, file, data, size), known(file), 'W', names[file], -1, data, done)
}

#define TRUNCATE(NAME)                                                                     \
    int NAME(int file, off_t size) {                                                       \
        RECORDED(syscall(SYS_ftruncate, file, size), known(file), 'T', names[file], size,  \
                 NULL, 0)                                                                  \
    }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define SYNC(NAME, NUMBER)                                                                 \
    int NAME(int file) {                                                                   \
        RECORDED(syscall(NUMBER, file), known(file), 'S', names[file], 0, NULL, 0)         \
    }
SYNC(fsync, SYS_fsync)
SYNC(fdatasync, SYS_fdatasync)

int unlink(const char *path) {
    RECORDED(syscall(SYS_unlinkat, AT_FDCWD, path, 0), out >= 0 && strstr(path, match), 'U', path,
             0, NULL, 0)
}

int close(int file) {
    pthread_mutex_lock(&lock);
    if (file >= 0 && file < MOST) names[file][0] = 0;
    long done = syscall(SYS_close, file);
    pthread_mutex_unlock(&lock);
    return done;
}
