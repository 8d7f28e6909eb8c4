#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "soft.h"

#define SOURCES 3

/* What BIDSEAL_SOFT_SKF_FAULT_FILE held when the function was called. */
static char from_file[4096];

static const char *source(int index) {
  const char *text = index == 0 ? getenv("BIDSEAL_SOFT_SKF_FAULT") : getenv("BIDSEAL_SOFT_SKF_QUIRKS");
  return index == 2 ? from_file : text == NULL ? "" : text;
}

static void read_file(void) {
  const char *path = getenv("BIDSEAL_SOFT_SKF_FAULT_FILE");
  long length = path == NULL ? -1 : read_bytes(path, from_file, sizeof from_file - 1);
  from_file[length < 0 ? 0 : length] = '\0';
}

static int is_end(char c) { return c == '\0' || c == ',' || c == '\n'; }

/* The next entry, or NULL. */
static const char *after(const char *entry) {
  while (!is_end(*entry)) entry += 1;
  return *entry == '\0' ? NULL : entry + 1;
}

static const char *skip(const char *entry, const char *word) {
  size_t length = strlen(word);
  return strncmp(entry, word, length) == 0 ? entry + length : NULL;
}

static int belongs(const char *function, const char *operation, size_t length) {
  const struct {
    const char *operation, *part;
  } parts[] = {{"list", "SKF_EnumDev"},      {"login", "SKF_VerifyPIN"},
               {"login", "SKF_ChangePIN"},   {"sign", "SignData"},
               {"decrypt", "Decrypt"},       {"decrypt", "PriKeyOperation"},
               {"decrypt", "SessionKey"},    {"certificate", "SKF_ExportCertificate"},
               {"any", "_"}};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i += 1)
    if (strlen(parts[i].operation) == length && strncmp(parts[i].operation, operation, length) == 0 &&
        strstr(function, parts[i].part) != NULL)
      return 1;
  return 0;
}

/* "operation:kind". */
static int names_operation(const char *entry, const char *kind, const char *function) {
  const char *colon = strpbrk(entry, ":,\n");
  if (colon == NULL || *colon != ':') return 0;
  const char *rest = skip(colon + 1, strcmp(kind, "length") == 0 ? "long" : kind);
  return rest != NULL && is_end(*rest) && belongs(function, entry, (size_t)(colon - entry));
}

/* An entry is also "kind", "kind:function" or, for "fail", "fail:function:code". Answers what follows it, or NULL. */
static const char *find_fault(const char *kind, const char *function) {
  for (int i = 0; i < SOURCES; i += 1) {
    for (const char *entry = source(i); entry != NULL; entry = after(entry)) {
      const char *rest = skip(entry, kind);
      if (rest != NULL && is_end(*rest)) return rest;
      if (function == NULL) continue;
      if (names_operation(entry, kind, function)) return "";
      if (rest == NULL || *rest != ':' || (rest = skip(rest + 1, function)) == NULL) continue;
      if (is_end(*rest) || *rest == ':') return rest;
    }
  }
  return NULL;
}

int fault(const char *kind, const char *function) { return find_fault(kind, function) != NULL; }

const char *quirk_value(const char *word) {
  static char value[64];
  for (int i = 0; i < SOURCES; i += 1) {
    for (const char *entry = source(i); entry != NULL; entry = after(entry)) {
      const char *rest = skip(entry, word);
      if (rest == NULL) continue;
      size_t length = strcspn(rest, ",\n");
      if (length >= sizeof value) length = sizeof value - 1;
      memcpy(value, rest, length);
      value[length] = '\0';
      return value;
    }
  }
  return NULL;
}

int is_absent(const char *device) {
  char entry[128];
  return snprintf(entry, sizeof entry, "absent=%s", device) < (int)sizeof entry && fault(entry, NULL);
}

ULONG vendor_code(ULONG code, ULONG own) { return fault("vendor-codes", NULL) ? own : code; }

static void write_log(const char *function) {
  const char *path = getenv("BIDSEAL_SOFT_SKF_LOG");
  FILE *file = path == NULL ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", function);
  fclose(file);
}

ULONG enter(const char *function) {
  write_log(function);
  read_file();
  if (fault("crash", function)) *(volatile int *)0 = 1;
  if (fault("hang", function))
    for (;;) pause();
  if (fault("slow", function)) usleep(300000);
  if (fault("remove", function)) remove_devices();
  const char *code = find_fault("fail", function);
  return code == NULL ? SAR_OK : *code == ':' ? (ULONG)strtoul(code + 1, NULL, 16) : SAR_FAIL;
}

ULONG answer(const char *function, const void *bytes, ULONG length, void *out, ULONG *out_length) {
  if (out_length == NULL) return SAR_INVALIDPARAMERR;
  if (fault("length", function)) {
    *out_length = 0xFFFFFFF0;
    return SAR_OK;
  }
  if (out == NULL) {
    *out_length = length;
    return SAR_OK;
  }
  if (fault("grows", function)) {
    *out_length += 1;
    return SAR_OK;
  }
  if (*out_length < length) {
    *out_length = length;
    return SAR_BUFFER_TOO_SMALL;
  }
  memcpy(out, bytes, length);
  if (fault("garbage", function)) memset(out, 0xDB, length);
  *out_length = length;
  return SAR_OK;
}
