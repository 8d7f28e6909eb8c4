#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "soft.h"

int is_name(const char *name) {
  return name != NULL && *name != '\0' && *name != '.' && strlen(name) <= NAME_LIMIT && strchr(name, '/') == NULL;
}

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
  return 1;
}

const char *store_root(void) {
  const char *root = getenv("BIDSEAL_SOFT_SKF");
  return root == NULL ? "/nonexistent" : root;
}

int folder_exists(const char *path) {
  struct stat status;
  return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int is_plugged(const char *path) {
  const char *name = strrchr(path, '/');
  return folder_exists(path) && !(name != NULL && is_absent(name + 1));
}

unsigned long plug_count(const char *path) {
  char file[PATH_MAX], text[32] = "";
  if (!path_of(file, path, "plug", NULL) || read_bytes(file, text, sizeof text - 1) < 0) return 0;
  return strtoul(text, NULL, 10);
}

ULONG list_names(const char *path, char *out, ULONG size) {
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, alphasort);
  ULONG length = 0;
  if (count < 0) return 0;
  for (int i = 0; i < count; i += 1) {
    char child[PATH_MAX];
    const char *name = entries[i]->d_name;
    if (is_name(name) && path_of(child, path, name, NULL) && is_plugged(child) && length + strlen(name) + 2 < size) {
      strcpy(out + length, name);
      length += strlen(name) + 1;
    }
    free(entries[i]);
  }
  free(entries);
  /* The list ends with an empty name; an empty list is two zeros. */
  out[length] = '\0';
  out[length + 1] = '\0';
  return length == 0 ? 2 : length + 1;
}

long read_bytes(const char *path, void *out, size_t size) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return -1;
  size_t length = fread(out, 1, size, file);
  fclose(file);
  return (long)length;
}

int write_bytes(const char *path, const void *bytes, size_t length) {
  char draft[PATH_MAX];
  /* Several processes may use a device at a time. */
  if (snprintf(draft, sizeof draft, "%s.%d.part", path, (int)getpid()) >= (int)sizeof draft) return 0;
  FILE *file = fopen(draft, "wb");
  if (file == NULL) return 0;
  int good = fwrite(bytes, 1, length, file) == length;
  return (fclose(file) == 0) & good && rename(draft, path) == 0;
}

int make_folder(const char *path) { return mkdir(path, 0700) == 0; }

void remove_devices(void) {
  char names[4096];
  list_names(store_root(), names, sizeof names);
  for (const char *name = names; *name != '\0'; name += strlen(name) + 1) {
    char from[PATH_MAX], to[PATH_MAX], hidden[PATH_MAX + 2];
    snprintf(hidden, sizeof hidden, ".%s", name);
    if (path_of(from, store_root(), name, NULL) && path_of(to, store_root(), hidden, NULL)) rename(from, to);
  }
}
