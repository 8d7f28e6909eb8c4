#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "soft.h"

static CK_OBJECT_HANDLE last_handle;

static void drop(struct object **at) {
  struct object *object = *at;
  *at = object->next;
  clear_attributes(&object->attributes);
  free(object);
}

/* Forgets those that `wanted` says; it is given the owner too. */
static void drop_if(struct token *token, int (*wanted)(const struct object *, const void *), const void *argument) {
  for (struct object **at = &token->objects; *at != NULL;) {
    if (wanted(*at, argument))
      drop(at);
    else
      at = &(*at)->next;
  }
}

static int is_of(const struct object *object, const void *owner) { return object->owner == owner; }

static int is_private(const struct object *object, const void *nothing) {
  (void)nothing;
  return get_flag(&object->attributes, CKA_PRIVATE, 0);
}

static int is_any(const struct object *object, const void *nothing) {
  (void)object;
  (void)nothing;
  return 1;
}

static int has_lost_file(const struct object *object, const void *folder) {
  char path[PATH_MAX];
  return object->owner == NULL && (!path_of(path, folder, object->file, NULL) || access(path, F_OK) != 0);
}

void forget_objects_of(struct token *token, const struct session *owner) { drop_if(token, is_of, owner); }

void forget_private_objects(struct token *token) { drop_if(token, is_private, NULL); }

void forget_objects(struct token *token) { drop_if(token, is_any, NULL); }

/* Takes the attributes over. */
static struct object *append(struct token *token, struct attributes *attributes, const struct session *owner) {
  struct object **last = &token->objects;
  while (*last != NULL) last = &(*last)->next;
  struct object *object = calloc(1, sizeof *object);
  if (object == NULL) return NULL;
  object->handle = ++last_handle;
  object->owner = owner;
  object->attributes = *attributes;
  *attributes = (struct attributes){NULL, 0};
  return *last = object;
}

static int is_known(const struct token *token, const char *file) {
  for (const struct object *object = token->objects; object != NULL; object = object->next)
    if (strcmp(object->file, file) == 0) return 1;
  return 0;
}

void load_objects(struct token *token) {
  char folder[PATH_MAX], objects[PATH_MAX], path[PATH_MAX], **names;
  if (!token_path(token, folder) || !path_of(objects, folder, "objects", NULL)) return;
  drop_if(token, has_lost_file, objects);
  int count = list_names(objects, &names);
  for (int i = 0; i < count; i += 1) {
    struct attributes attributes = {NULL, 0};
    size_t length = strlen(names[i]);
    int is_object = length > 7 && length < 32 && strcmp(names[i] + length - 7, ".object") == 0;
    if (is_object && !is_known(token, names[i]) && path_of(path, objects, names[i], NULL) &&
        read_attributes(path, &attributes)) {
      struct object *object = append(token, &attributes, NULL);
      if (object != NULL) strcpy(object->file, names[i]);
    }
    clear_attributes(&attributes);
    free(names[i]);
  }
  free(names);
}

int is_visible(const struct session *session, const struct object *object) {
  return session->token->login == USER || !is_private(object, NULL);
}

struct object *find_object(const struct session *session, CK_OBJECT_HANDLE handle) {
  for (struct object *object = session->token->objects; object != NULL; object = object->next)
    if (object->handle == handle) return is_visible(session, object) ? object : NULL;
  return NULL;
}

CK_RV add_object(struct session *session, struct attributes *attributes, CK_OBJECT_HANDLE *handle) {
  struct token *token = session->token;
  int stays = get_flag(attributes, CKA_TOKEN, 0);
  char file[32] = "", folder[PATH_MAX], objects[PATH_MAX];
  CK_RV code = CKR_OK;
  if (get_flag(attributes, CKA_PRIVATE, 0) && token->login != USER) code = CKR_USER_NOT_LOGGED_IN;
  if (code == CKR_OK && stays && !session->read_write) code = CKR_SESSION_READ_ONLY;
  if (code == CKR_OK && stays) {
    if (token_path(token, folder) && path_of(objects, folder, "objects", NULL)) mkdir(objects, 0700);
    load_objects(token);
    if (!write_attributes(token, attributes, file)) code = CKR_DEVICE_MEMORY;
  }
  struct object *object = code == CKR_OK ? append(token, attributes, stays ? NULL : session) : NULL;
  clear_attributes(attributes);
  if (object == NULL) return code == CKR_OK ? CKR_HOST_MEMORY : code;
  strcpy(object->file, file);
  *handle = object->handle;
  return CKR_OK;
}

/* What an imported key has to have, and what follows from it. */
static CK_RV complete_key(struct attributes *key) {
  if (get(key, CKA_KEY_TYPE) == NULL) return CKR_TEMPLATE_INCOMPLETE;
  if (get_number(key, CKA_KEY_TYPE, 0) == sm2_numbers()->key_type && get(key, CKA_EC_PARAMS) == NULL) {
    CK_ULONG length;
    const CK_BYTE *parameters = curve_parameters(SM2_KEY, &length);
    set(key, CKA_EC_PARAMS, parameters, length);
  }
  enum key_kind kind = kind_of(key);
  if (kind == UNKNOWN_KEY) return CKR_ATTRIBUTE_VALUE_INVALID;
  if (get_number(key, CKA_CLASS, 0) == CKO_PUBLIC_KEY) return CKR_OK;
  set_flag_default(key, CKA_SENSITIVE, 1);
  set_flag_default(key, CKA_EXTRACTABLE, 0);
  set_flag(key, CKA_LOCAL, 0);
  set_flag(key, CKA_ALWAYS_SENSITIVE, 0);
  set_flag(key, CKA_NEVER_EXTRACTABLE, 0);
  set_flag_default(key, CKA_ALWAYS_AUTHENTICATE, 0);
  set_use_defaults(key, kind);
  if (kind == RSA_KEY)
    return get(key, CKA_MODULUS) && get(key, CKA_PRIVATE_EXPONENT) && get(key, CKA_PUBLIC_EXPONENT)
               ? CKR_OK
               : CKR_TEMPLATE_INCOMPLETE;
  CK_BYTE number[48], point[97];
  CK_ULONG length = key_length(key);
  if (get(key, CKA_VALUE) == NULL) return CKR_TEMPLATE_INCOMPLETE;
  CK_ULONG written = private_number(key, number, length) ? public_point(kind, number, length, point) : 0;
  if (written == 0) return CKR_ATTRIBUTE_VALUE_INVALID;
  set_public_point(key, point, written);
  return CKR_OK;
}

CK_RV do_CreateObject(struct session *session, CK_ATTRIBUTE *list, CK_ULONG count, CK_OBJECT_HANDLE *handle) {
  struct attributes attributes = {NULL, 0};
  if (handle == NULL) return CKR_ARGUMENTS_BAD;
  CK_RV code = copy_template(&attributes, list, count);
  CK_OBJECT_CLASS class = get_number(&attributes, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
  if (code == CKR_OK && class == CK_UNAVAILABLE_INFORMATION) code = CKR_TEMPLATE_INCOMPLETE;
  set_flag_default(&attributes, CKA_TOKEN, 0);
  set_flag_default(&attributes, CKA_PRIVATE, class == CKO_PRIVATE_KEY);
  if (code == CKR_OK) switch (class) {
      case CKO_CERTIFICATE:
        if (get(&attributes, CKA_VALUE) == NULL || get(&attributes, CKA_CERTIFICATE_TYPE) == NULL)
          code = CKR_TEMPLATE_INCOMPLETE;
        break;
      case CKO_PUBLIC_KEY:
      case CKO_PRIVATE_KEY: code = complete_key(&attributes); break;
      default: code = CKR_ATTRIBUTE_VALUE_INVALID;
    }
  if (code == CKR_OK) return add_object(session, &attributes, handle);
  clear_attributes(&attributes);
  return code;
}

CK_RV do_DestroyObject(struct session *session, CK_OBJECT_HANDLE handle) {
  char folder[PATH_MAX], path[PATH_MAX];
  struct object *object = find_object(session, handle);
  if (object == NULL) return CKR_OBJECT_HANDLE_INVALID;
  if (object->owner == NULL) {
    if (!session->read_write) return CKR_SESSION_READ_ONLY;
    if (token_path(session->token, folder) && path_of(path, folder, "objects", object->file, NULL)) unlink(path);
  }
  for (struct object **at = &session->token->objects; *at != NULL; at = &(*at)->next) {
    if (*at != object) continue;
    drop(at);
    break;
  }
  return CKR_OK;
}
