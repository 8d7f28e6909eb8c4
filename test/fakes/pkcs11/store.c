#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "soft.h"

int path_of(char out[PATH_MAX], ...) {
  va_list parts;
  size_t length = 0;
  va_start(parts, out);
  for (const char *part; (part = va_arg(parts, const char *)) != NULL;) {
    int written = snprintf(out + length, PATH_MAX - length, length == 0 ? "%s" : "/%s", part);
    if (written < 0 || length + written >= PATH_MAX) {
      va_end(parts);
      return 0;
    }
    length += written;
  }
  va_end(parts);
  return length > 0;
}

int folder_exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

long read_bytes(const char *path, void *out, size_t size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return -1;
  size_t length = fread(out, 1, size, file);
  fclose(file);
  return (long)length;
}

static int write_draft(const char *path, const void *bytes, size_t length, char draft[PATH_MAX]) {
  /* Several processes may use a token at a time. */
  if (snprintf(draft, PATH_MAX, "%s.%d.part", path, (int)getpid()) >= PATH_MAX) return 0;
  FILE *file = fopen(draft, "wb");
  if (file == NULL) return 0;
  int good = fwrite(bytes, 1, length, file) == length && fflush(file) == 0 && fsync(fileno(file)) == 0;
  return (fclose(file) == 0) & good;
}

int write_bytes(const char *path, const void *bytes, size_t length) {
  char draft[PATH_MAX];
  return write_draft(path, bytes, length, draft) && rename(draft, path) == 0;
}

int write_new(const char *path, const void *bytes, size_t length) {
  char draft[PATH_MAX];
  int good = write_draft(path, bytes, length, draft) && link(draft, path) == 0;
  unlink(draft);
  return good;
}

static int is_shown(const struct dirent *entry) { return entry->d_name[0] != '.'; }

int list_names(const char *path, char ***names) {
  struct dirent **entries;
  int count = scandir(path, &entries, is_shown, alphasort);
  if (count < 0) count = 0, entries = NULL;
  *names = calloc((size_t)count + 1, sizeof **names);
  for (int i = 0; i < count; i += 1) {
    (*names)[i] = strdup(entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  return count;
}
