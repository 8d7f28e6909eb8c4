#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "soft.h"

static int is_secret(CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type) {
  if (class != CKO_PRIVATE_KEY && class != CKO_SECRET_KEY) return 0;
  return type == CKA_VALUE || (type >= CKA_PRIVATE_EXPONENT && type <= CKA_COEFFICIENT);
}

/* What the quirks hide. */
static int is_hidden(const struct object *object, CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type) {
  switch (type) {
    case CKA_ID: return quirk("no-id");
    case CKA_MODULUS: return class == CKO_PRIVATE_KEY && quirk("no-modulus");
    case CKA_EC_POINT: return class == CKO_PRIVATE_KEY && !quirk("private-ec-point");
    case CKA_EC_PARAMS: return kind_of(&object->attributes) == SM2_KEY && quirk("no-ec-params");
    default: return 0;
  }
}

CK_RV read_attribute(const struct object *object, CK_ATTRIBUTE_TYPE type, const CK_BYTE **value, CK_ULONG *length) {
  static CK_KEY_TYPE key_type;
  const struct attributes *attributes = &object->attributes;
  const struct attribute *found = get(attributes, type);
  CK_OBJECT_CLASS class = get_number(attributes, CKA_CLASS, CKO_DATA);
  if (found == NULL || is_hidden(object, class, type)) return CKR_ATTRIBUTE_TYPE_INVALID;
  if (is_secret(class, type) && (get_flag(attributes, CKA_SENSITIVE, 0) || !get_flag(attributes, CKA_EXTRACTABLE, 1)))
    return CKR_ATTRIBUTE_SENSITIVE;
  *value = found->value;
  *length = found->length;
  if (type == CKA_EC_POINT && quirk("bare-ec-point")) *value = bare_point(found->value, length);
  if (type == CKA_ALWAYS_AUTHENTICATE && quirk("always-authenticate")) *value = (const CK_BYTE *)"\1";
  if (type == CKA_KEY_TYPE && kind_of(attributes) == SM2_KEY) {
    /* Keys that were put on the token under another vendor's numbers. */
    key_type = sm2_numbers()->key_type;
    *value = (const CK_BYTE *)&key_type;
  }
  return CKR_OK;
}

static CK_RV write_attribute(CK_ATTRIBUTE *out, const CK_BYTE *value, CK_ULONG length, const char *operation) {
  CK_ULONG room = out->ulValueLen;
  out->ulValueLen = has_fault(operation, "long") ? ABSURD : length;
  if (out->pValue == NULL || has_fault(operation, "long")) return CKR_OK;
  if (room < length) {
    out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
    return CKR_BUFFER_TOO_SMALL;
  }
  if (has_fault(operation, "garbage"))
    RAND_bytes(out->pValue, (int)length);
  else
    memcpy(out->pValue, value, length);
  return CKR_OK;
}

CK_RV do_GetAttributeValue(struct session *session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *list, CK_ULONG count) {
  struct object *object = find_object(session, handle);
  CK_RV worst = CKR_OK;
  if (object == NULL) return CKR_OBJECT_HANDLE_INVALID;
  if (list == NULL) return CKR_ARGUMENTS_BAD;
  CK_OBJECT_CLASS class = get_number(&object->attributes, CKA_CLASS, CKO_DATA);
  const char *operation = class == CKO_CERTIFICATE ? "certificate" : class == CKO_SECRET_KEY ? "derive" : "none";
  for (CK_ULONG i = 0; i < count; i += 1) {
    const CK_BYTE *value;
    CK_ULONG length;
    int is_value = list[i].type == CKA_VALUE;
    if (is_value && list[i].pValue != NULL && class == CKO_CERTIFICATE) {
      strike(operation);
      if (has_fault(operation, "remove")) {
        pull_out(session->token);
        is_present(session->token);
        return CKR_DEVICE_REMOVED;
      }
    }
    CK_RV code = read_attribute(object, list[i].type, &value, &length);
    if (code == CKR_OK) code = write_attribute(&list[i], value, length, is_value ? operation : "none");
    if (code == CKR_OK) continue;
    list[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
    worst = code;
  }
  return worst;
}

static int matches(const struct object *object, const CK_ATTRIBUTE *list, CK_ULONG count) {
  for (CK_ULONG i = 0; i < count; i += 1) {
    const CK_BYTE *value;
    CK_ULONG length;
    if (read_attribute(object, list[i].type, &value, &length) != CKR_OK) return 0;
    if (length != list[i].ulValueLen || (length > 0 && memcmp(value, list[i].pValue, length) != 0)) return 0;
  }
  return 1;
}

CK_RV do_FindObjectsInit(struct session *session, CK_ATTRIBUTE *list, CK_ULONG count) {
  struct operation *operation = &session->operation;
  if (operation->kind != NOTHING_ACTIVE) return CKR_OPERATION_ACTIVE;
  if (list == NULL && count > 0) return CKR_ARGUMENTS_BAD;
  load_objects(session->token);
  CK_ULONG objects = 0;
  for (struct object *object = session->token->objects; object != NULL; object = object->next) objects += 1;
  operation->found = calloc(objects + 1, sizeof *operation->found);
  if (operation->found == NULL) return CKR_HOST_MEMORY;
  operation->kind = SEARCH;
  operation->count = operation->at = 0;
  for (struct object *object = session->token->objects; object != NULL; object = object->next)
    if (is_visible(session, object) && matches(object, list, count))
      operation->found[operation->count++] = object->handle;
  return CKR_OK;
}

CK_RV do_FindObjects(struct session *session, CK_OBJECT_HANDLE *out, CK_ULONG most, CK_ULONG *count) {
  struct operation *operation = &session->operation;
  if (operation->kind != SEARCH) return CKR_OPERATION_NOT_INITIALIZED;
  if (out == NULL || count == NULL) return CKR_ARGUMENTS_BAD;
  for (*count = 0; *count < most && operation->at < operation->count; *count += 1)
    out[*count] = operation->found[operation->at++];
  return CKR_OK;
}

CK_RV do_FindObjectsFinal(struct session *session) {
  if (session->operation.kind != SEARCH) return CKR_OPERATION_NOT_INITIALIZED;
  end_operation(session);
  return CKR_OK;
}
