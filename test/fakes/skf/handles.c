#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft.h"

#define OBJECT_LIMIT 256

static struct object *objects[OBJECT_LIMIT];

/* Applications that the user has logged in to: the right belongs to the application, not to a handle. */
static struct {
  char *path;
  unsigned long plugged;
} logins[OBJECT_LIMIT];

/* What "global-current" means by every handle. */
static struct object *current_device, *current_application;

static int is_global(void) { return fault("global-current", NULL); }

static void write_count(void) {
  const char *path = getenv("BIDSEAL_SOFT_SKF_HANDLES");
  char text[16];
  int count = 0;
  for (int i = 0; i < OBJECT_LIMIT; i += 1) count += objects[i] != NULL;
  if (path != NULL) write_bytes(path, text, (size_t)snprintf(text, sizeof text, "%d\n", count));
}

struct object *new_object(enum kind kind, struct object *parent, const char *path) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1) {
    if (objects[i] != NULL) continue;
    struct object *object = calloc(1, sizeof *object);
    if (object == NULL) return NULL;
    object->kind = kind;
    object->parent = parent;
    strncpy(object->path, path, sizeof object->path - 1);
    objects[i] = object;
    if (kind == DEVICE) object->plugged = plug_count(path);
    if (kind == DEVICE) current_device = object;
    if (kind <= APPLICATION) current_application = kind == APPLICATION ? object : NULL;
    write_count();
    return object;
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

/* What the library takes a handle for; a container is the one of that name in the current application. */
static struct object *meant(struct object *object, enum kind kind) {
  if (!is_global() || kind == SESSION_KEY) return object;
  if (kind != CONTAINER) return kind == DEVICE ? current_device : current_application;
  if (!is_alive(object) || object->kind != CONTAINER || current_application == NULL) return NULL;
  if (object->parent == current_application) return object;
  char path[PATH_MAX];
  if (!path_of(path, current_application->path, strrchr(object->path, '/') + 1, NULL)) return NULL;
  object->parent = current_application;
  strcpy(object->path, path);
  return folder_exists(path) ? object : NULL;
}

ULONG find_object(HANDLE handle, enum kind kind, struct object **found) {
  struct object *object = meant(handle, kind);
  if (object == NULL || !is_alive(object) || object->kind != kind) return SAR_INVALIDHANDLEERR;
  for (const struct object *parent = object->parent; parent != NULL; parent = parent->parent)
    if (!is_alive(parent)) return SAR_INVALIDHANDLEERR;
  *found = object;
  const struct object *device = ancestor(object, DEVICE);
  if (device == NULL || !is_plugged(device->path) || plug_count(device->path) != device->plugged) {
    const struct object *application = ancestor(object, APPLICATION);
    if (application != NULL) set_logged_in(application, 0);
    return vendor_code(SAR_DEVICE_REMOVED, SAR_VENDOR_REMOVED);
  }
  return SAR_OK;
}

static void drop_object(struct object *object) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1)
    if (objects[i] == object) objects[i] = NULL;
  if (object == current_application || object == current_device) current_application = NULL;
  if (object == current_device) current_device = NULL;
  memset(object->key, 0, sizeof object->key);
  /* Not freed: a stale handle must stay recognisable as one. */
  write_count();
}

ULONG close_object(HANDLE handle, enum kind kind) {
  struct object *object = NULL;
  ULONG code = find_object(handle, kind, &object);
  if (object != NULL) drop_object(object);
  return code;
}

int is_logged_in(const struct object *object) {
  const struct object *application = ancestor(object, APPLICATION), *device = ancestor(object, DEVICE);
  for (int i = 0; application != NULL && i < OBJECT_LIMIT; i += 1)
    if (logins[i].path != NULL && strcmp(logins[i].path, application->path) == 0)
      return logins[i].plugged == plug_count(device->path);
  return 0;
}

void set_logged_in(const struct object *application, int yes) {
  for (int i = 0; i < OBJECT_LIMIT; i += 1) {
    if (logins[i].path == NULL || strcmp(logins[i].path, application->path) != 0) continue;
    free(logins[i].path);
    logins[i].path = NULL;
  }
  for (int i = 0; yes && i < OBJECT_LIMIT; i += 1) {
    if (logins[i].path != NULL) continue;
    logins[i].path = strdup(application->path);
    logins[i].plugged = plug_count(ancestor(application, DEVICE)->path);
    return;
  }
}
