#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "soft.h"

#define LIST_LIMIT 4096

static volatile int cancelled;

static ULONG answer_names(const char *function, const char *folder, CHAR *out, ULONG *size) {
  char names[LIST_LIMIT];
  ULONG length = list_names(folder, names, sizeof names);
  return length == 0 ? SAR_FILEERR : answer(function, names, length, out, size);
}

static ULONG device_path(const char *name, char path[PATH_MAX]) {
  if (!is_name(name) || !path_of(path, store_root(), name, NULL)) return SAR_INVALIDPARAMERR;
  return is_plugged(path) ? SAR_OK : vendor_code(SAR_DEVICE_REMOVED, SAR_VENDOR_REMOVED);
}

SKF(SKF_EnumDev)(BOOL present, LPSTR names, ULONG *size) {
  (void)present;
  ENTER();
  return answer_names(__func__, store_root(), names, size);
}

SKF(SKF_ConnectDev)(LPSTR name, HANDLE *device) {
  char path[PATH_MAX];
  ENTER();
  if (device == NULL) return SAR_INVALIDPARAMERR;
  ULONG code = device_path(name, path);
  if (code != SAR_OK) return code;
  *device = new_object(DEVICE, NULL, path);
  return *device == NULL ? SAR_FAIL : SAR_OK;
}

/* The standard's text and its table of functions spell it differently, and so do libraries. */
#ifdef SOFT_SKF_MINIMAL
SKF(SKF_DisconnectDev)(HANDLE handle) {
#else
SKF(SKF_DisConnectDev)(HANDLE handle) {
#endif
  ENTER();
  return close_object(handle, DEVICE);
}

#ifndef SOFT_SKF_MINIMAL
SKF(SKF_GetDevState)(LPSTR name, ULONG *state) {
  char path[PATH_MAX];
  ENTER();
  if (state == NULL) return SAR_INVALIDPARAMERR;
  *state = device_path(name, path) == SAR_OK && !fault("state-absent", NULL);
  return SAR_OK;
}
#endif

/* The file "info": manufacturer, issuer, label and serial number, a line each. */
static void read_info(const char *device, DEVINFO *info) {
  char path[PATH_MAX], text[512] = "";
  char *fields[] = {info->Manufacturer, info->Issuer, info->Label, info->SerialNumber};
  size_t sizes[] = {sizeof info->Manufacturer, sizeof info->Issuer, sizeof info->Label, sizeof info->SerialNumber};
  if (!path_of(path, device, "info", NULL) || read_bytes(path, text, sizeof text - 1) < 0) return;
  char *line = text;
  for (int i = 0; i < 4 && line != NULL; i += 1) {
    char *end = strchr(line, '\n');
    if (end != NULL) *end = '\0';
    size_t length = strlen(line);
    memcpy(fields[i], line, length < sizes[i] ? length : sizes[i]);
    line = end == NULL ? NULL : end + 1;
  }
}

SKF(SKF_GetDevInfo)(HANDLE handle, DEVINFO *out) {
  struct object *device;
  DEVINFO info;
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (out == NULL) return SAR_INVALIDPARAMERR;
  memset(&info, 0, sizeof info);
  info.Version.major = info.HWVersion.major = info.FirmwareVersion.major = 1;
  info.AlgSymCap = SGD_SM4_ECB | SGD_SM4_CBC;
  info.AlgAsymCap = 0x00030000;
  info.AlgHashCap = 0x7;
  info.DevAuthAlgId = SGD_SM4_ECB;
  info.TotalSpace = info.FreeSpace = 65536;
  info.MaxECCBufferSize = info.MaxBufferSize = 4096;
  read_info(device->path, &info);
  if (fault("garbage", __func__)) memset(&info, 0x1B, sizeof info);
  memcpy(out, &info, sizeof info);
  return SAR_OK;
}

SKF(SKF_SetLabel)(HANDLE handle, LPSTR label) {
  struct object *device;
  DEVINFO info;
  char path[PATH_MAX], text[512];
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (label == NULL || strlen(label) > sizeof info.Label || strchr(label, '\n') != NULL) return SAR_NAMELENERR;
  memset(&info, 0, sizeof info);
  read_info(device->path, &info);
  int length = snprintf(text, sizeof text, "%.64s\n%.64s\n%s\n%.32s\n", info.Manufacturer, info.Issuer, label,
                        info.SerialNumber);
  if (!path_of(path, device->path, "info", NULL)) return SAR_FAIL;
  return write_bytes(path, text, length) ? SAR_OK : SAR_FILEERR;
}

SKF(SKF_LockDev)(HANDLE handle, ULONG timeout) {
  struct object *device;
  (void)timeout;
  ENTER();
  return find_object(handle, DEVICE, &device);
}

SKF(SKF_UnlockDev)(HANDLE handle) {
  struct object *device;
  ENTER();
  return find_object(handle, DEVICE, &device);
}

SKF(SKF_GenRandom)(HANDLE handle, BYTE *random, ULONG length) {
  struct object *device;
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (random == NULL || RAND_bytes(random, (int)length) != 1) return SAR_INVALIDPARAMERR;
  memset(device->challenge, 0, sizeof device->challenge);
  memcpy(device->challenge, random, length < 8 ? length : 8);
  return SAR_OK;
}

/* Device authentication: the 8 random bytes filled up to a block, encrypted with the device's key. */
SKF(SKF_DevAuth)(HANDLE handle, BYTE *data, ULONG length) {
  static const BYTE key[16] = "1234567812345678";
  struct object *device;
  BYTE expected[16];
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (data == NULL || length != sizeof expected) return SAR_INDATALENERR;
  if (!sm4_block(key, 1, device->challenge, expected)) return SAR_FAIL;
  device->authenticated = memcmp(expected, data, sizeof expected) == 0;
  return device->authenticated ? SAR_OK : SAR_FAIL;
}

SKF(SKF_EnumApplication)(HANDLE handle, LPSTR names, ULONG *size) {
  struct object *device;
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  return code != SAR_OK ? code : answer_names(__func__, device->path, names, size);
}

/* 1 = inserted, 2 = removed; looks at the folder ten times a second. */
SKF(SKF_WaitForDevEvent)(LPSTR name, ULONG *name_length, ULONG *event) {
  char before[LIST_LIMIT], now[LIST_LIMIT];
  ENTER();
  if (name == NULL || name_length == NULL || event == NULL) return SAR_INVALIDPARAMERR;
  cancelled = 0;
  list_names(store_root(), before, sizeof before);
  while (!cancelled) {
    usleep(100000);
    list_names(store_root(), now, sizeof now);
    const char *old = before, *new = now;
    while (*old != '\0' && strcmp(old, new) == 0) {
      old += strlen(old) + 1;
      new += strlen(new) + 1;
    }
    if (*old == '\0' && *new == '\0') continue;
    int removed = *new == '\0' || (*old != '\0' && strcmp(old, new) < 0);
    const char *changed = removed ? old : new;
    if (*name_length <= strlen(changed)) return SAR_BUFFER_TOO_SMALL;
    *event = removed ? 2 : 1;
    *name_length = (ULONG)strlen(changed) + 1;
    strcpy(name, changed);
    return SAR_OK;
  }
  return SAR_NOT_EVENTERR;
}

SKF(SKF_CancelWaitForDevEvent)(void) {
  ENTER();
  cancelled = 1;
  return SAR_OK;
}
