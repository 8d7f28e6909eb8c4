#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft.h"

#define ATTRIBUTE_LIMIT 16384

static struct attribute *find(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type) {
  for (CK_ULONG i = 0; i < attributes->count; i += 1)
    if (attributes->list[i].type == type) return &attributes->list[i];
  return NULL;
}

const struct attribute *get(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type) {
  return find(attributes, type);
}

CK_ULONG get_number(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise) {
  const struct attribute *found = get(attributes, type);
  CK_ULONG number;
  if (found == NULL || found->length != sizeof number) return otherwise;
  memcpy(&number, found->value, sizeof number);
  return number;
}

int get_flag(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int otherwise) {
  const struct attribute *found = get(attributes, type);
  return found == NULL || found->length != 1 ? otherwise : found->value[0] != 0;
}

void set(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG length) {
  struct attribute *slot = find(attributes, type);
  if (slot == NULL) {
    attributes->list = realloc(attributes->list, (attributes->count + 1) * sizeof *attributes->list);
    slot = &attributes->list[attributes->count];
    attributes->count += 1;
  } else {
    free(slot->value);
  }
  *slot = (struct attribute){type, length, malloc(length + 1)};
  if (length > 0) memcpy(slot->value, value, length);
}

void set_number(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  set(attributes, type, &value, sizeof value);
}

void set_flag(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int value) {
  set(attributes, type, value ? "\1" : "\0", 1);
}

void set_number_default(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value) {
  if (get(attributes, type) == NULL) set_number(attributes, type, value);
}

void set_flag_default(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int value) {
  if (get(attributes, type) == NULL) set_flag(attributes, type, value);
}

CK_RV copy_template(struct attributes *out, const CK_ATTRIBUTE *list, CK_ULONG count) {
  if (list == NULL && count > 0) return CKR_ARGUMENTS_BAD;
  for (CK_ULONG i = 0; i < count; i += 1) {
    if (list[i].ulValueLen > ATTRIBUTE_LIMIT) return CKR_ATTRIBUTE_VALUE_INVALID;
    if (list[i].pValue == NULL && list[i].ulValueLen > 0) return CKR_ATTRIBUTE_VALUE_INVALID;
    if (get(out, list[i].type) != NULL) return CKR_TEMPLATE_INCONSISTENT;
    set(out, list[i].type, list[i].pValue, list[i].ulValueLen);
  }
  return CKR_OK;
}

void clear_attributes(struct attributes *attributes) {
  for (CK_ULONG i = 0; i < attributes->count; i += 1) free(attributes->list[i].value);
  free(attributes->list);
  *attributes = (struct attributes){NULL, 0};
}

/* A line for each attribute: type and value in hexadecimal; numbers are a CK_ULONG as it stands in memory. */
int read_attributes(const char *path, struct attributes *out) {
  static char text[FILE_LIMIT];
  long length = read_bytes(path, text, sizeof text - 1);
  if (length < 0) return 0;
  text[length] = '\0';
  for (char *line = text; *line != '\0';) {
    static CK_BYTE value[ATTRIBUTE_LIMIT];
    CK_ULONG count = 0;
    unsigned byte;
    CK_ATTRIBUTE_TYPE type = strtoul(line, &line, 16);
    for (line += *line == ' '; count < sizeof value && sscanf(line, "%2x", &byte) == 1 && *line != '\n'; line += 2)
      value[count++] = (CK_BYTE)byte;
    set(out, type, value, count);
    if (*line != '\n') break;
    line += 1;
  }
  return out->count > 0;
}

int write_attributes(const struct token *token, const struct attributes *attributes, char file[32]) {
  static char text[FILE_LIMIT];
  char folder[PATH_MAX], path[PATH_MAX];
  size_t length = 0;
  for (CK_ULONG i = 0; i < attributes->count; i += 1) {
    const struct attribute *one = &attributes->list[i];
    if (length + 2 * one->length + 32 > sizeof text) return 0;
    length += (size_t)sprintf(text + length, "%lx ", one->type);
    for (CK_ULONG at = 0; at < one->length; at += 1) length += (size_t)sprintf(text + length, "%02x", one->value[at]);
    text[length++] = '\n';
  }
  if (!token_path(token, folder)) return 0;
  /* Other processes may add objects at the same time. */
  for (int number = 1; number < 1000; number += 1) {
    snprintf(file, 32, "%03d.object", number);
    if (!path_of(path, folder, "objects", file, NULL)) return 0;
    if (write_new(path, text, length)) return 1;
  }
  return 0;
}
