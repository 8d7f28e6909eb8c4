#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "soft.h"

/* An entry is "kind", "kind:function" or, for "fail", "fail:function:code". Answers what follows it, or NULL. */
static const char *find_fault(const char *kind, const char *function) {
  const char *entry = getenv("BIDSEAL_SOFT_SKF_FAULT");
  while (entry != NULL && *entry != '\0') {
    size_t length = strlen(kind);
    if (strncmp(entry, kind, length) == 0) {
      const char *rest = entry + length;
      if (*rest == '\0' || *rest == ',') return rest;
      if (*rest == ':' && function != NULL && strncmp(rest + 1, function, strlen(function)) == 0) {
        rest += 1 + strlen(function);
        if (*rest == '\0' || *rest == ',' || *rest == ':') return rest;
      }
    }
    entry = strchr(entry, ',');
    if (entry != NULL) entry += 1;
  }
  return NULL;
}

int fault(const char *kind, const char *function) { return find_fault(kind, function) != NULL; }

static void write_log(const char *function) {
  const char *path = getenv("BIDSEAL_SOFT_SKF_LOG");
  FILE *file = path == NULL ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", function);
  fclose(file);
}

ULONG enter(const char *function) {
  write_log(function);
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
