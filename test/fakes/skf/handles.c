#include <stdlib.h>
#include <string.h>

#include "soft.h"

#define OBJECT_LIMIT 256

static struct object *objects[OBJECT_LIMIT];
/* Paths of the applications that the user has logged in to: the right belongs to the application, not to a handle. */
static char *logins[OBJECT_LIMIT];

struct object *new_object(enum kind kind, struct object *parent, const char *path) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1) {
    if (objects[i] != NULL) continue;
    struct object *object = calloc(1, sizeof *object);
    if (object == NULL) return NULL;
    object->kind = kind;
    object->parent = parent;
    strncpy(object->path, path, sizeof object->path - 1);
    return objects[i] = object;
  }
  return NULL;
}

static int is_alive(const struct object *object) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1)
    if (objects[i] == object) return 1;
  return 0;
}

static const struct object *ancestor(const struct object *object, enum kind kind) {
  while (object != NULL && object->kind != kind) object = object->parent;
  return object;
}

ULONG find_object(HANDLE handle, enum kind kind, struct object **found) {
  struct object *object = handle;
  if (object == NULL || !is_alive(object) || object->kind != kind) return SAR_INVALIDHANDLEERR;
  for (const struct object *parent = object->parent; parent != NULL; parent = parent->parent)
    if (!is_alive(parent)) return SAR_INVALIDHANDLEERR;
  *found = object;
  const struct object *device = ancestor(object, DEVICE);
  if (device == NULL || !folder_exists(device->path)) {
    const struct object *application = ancestor(object, APPLICATION);
    if (application != NULL) set_logged_in(application, 0);
    return SAR_DEVICE_REMOVED;
  }
  return SAR_OK;
}

static void drop_object(struct object *object) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1)
    if (objects[i] == object) objects[i] = NULL;
  memset(object->key, 0, sizeof object->key);
  /* Not freed: a stale handle must stay recognisable as one. */
}

ULONG close_object(HANDLE handle, enum kind kind) {
  struct object *object = NULL;
  ULONG code = find_object(handle, kind, &object);
  if (code == SAR_OK || code == SAR_DEVICE_REMOVED) drop_object(object);
  return code;
}

int is_logged_in(const struct object *object) {
  const struct object *application = ancestor(object, APPLICATION);
  for (int i = 0; application != NULL && i < OBJECT_LIMIT; i += 1)
    if (logins[i] != NULL && strcmp(logins[i], application->path) == 0) return 1;
  return 0;
}

void set_logged_in(const struct object *application, int yes) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1) {
    if (logins[i] == NULL || strcmp(logins[i], application->path) != 0) continue;
    free(logins[i]);
    logins[i] = NULL;
  }
  for (int i = 0; yes && i < OBJECT_LIMIT; i += 1) {
    if (logins[i] != NULL) continue;
    logins[i] = strdup(application->path);
    return;
  }
}
