#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft.h"

#define TEXT_LIMIT 4096

static const char *variable(const char *name) {
  const char *value = getenv(name);
  return value == NULL ? "" : value;
}

/* Answers what follows `prefix` in the entry that begins with it, up to the entry's end, in a buffer of this file. */
static const char *find_entry(const char *text, const char *prefix) {
  static char rest[256];
  size_t length = strlen(prefix);
  while (*text != '\0') {
    text += strspn(text, ",\r\n ");
    size_t entry = strcspn(text, ",\r\n");
    if (entry >= length && strncmp(text, prefix, length) == 0) {
      snprintf(rest, sizeof rest, "%.*s", (int)(entry - length), text + length);
      return rest;
    }
    text += entry;
  }
  return NULL;
}

/* An entry that is exactly this text. */
static int has_entry(const char *text, const char *entry) {
  size_t length = strlen(entry);
  while (*text != '\0') {
    text += strspn(text, ",\r\n ");
    size_t found = strcspn(text, ",\r\n");
    if (found == length && strncmp(text, entry, length) == 0) return 1;
    text += found;
  }
  return 0;
}

static const char *fault_file(void) {
  static char text[TEXT_LIMIT];
  const char *path = variable("BIDSEAL_SOFT_P11_FAULT_FILE");
  long length = *path == '\0' ? -1 : read_bytes(path, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = '\0';
  return text;
}

int quirk(const char *name) {
  char entry[128];
  if (has_entry(variable("BIDSEAL_SOFT_P11_QUIRKS"), name)) return 1;
  snprintf(entry, sizeof entry, "quirk=%s", name);
  return has_entry(fault_file(), entry);
}

const char *quirk_value(const char *name) {
  char prefix[128];
  snprintf(prefix, sizeof prefix, "quirk=%s=", name);
  const char *value = find_entry(fault_file(), prefix);
  return value != NULL ? value : find_entry(variable("BIDSEAL_SOFT_P11_QUIRKS"), prefix + strlen("quirk="));
}

const char *pad_input(void) { return variable("BIDSEAL_SOFT_P11_PAD"); }

int is_told_absent(const char *token) {
  char entry[128];
  snprintf(entry, sizeof entry, "absent=%s", token);
  return has_entry(fault_file(), entry) || has_entry(variable("BIDSEAL_SOFT_P11_FAULT"), entry);
}

int has_fault(const char *operation, const char *kind) {
  const char *texts[] = {variable("BIDSEAL_SOFT_P11_FAULT"), fault_file()};
  const char *operations[] = {operation, "any"};
  char entry[128];
  for (int i = 0; i < 2; i += 1) {
    if (*operations[i] == '\0') continue;
    snprintf(entry, sizeof entry, "%s:%s", operations[i], kind);
    if (has_entry(texts[0], entry) || has_entry(texts[1], entry)) return 1;
  }
  return 0;
}

void write_log(const char *function) {
  const char *path = variable("BIDSEAL_SOFT_P11_LOG");
  FILE *file = *path == '\0' ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", function);
  fclose(file);
}
