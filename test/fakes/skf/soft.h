/* The inside of the soft SKF library. */
#ifndef SOFT_SKF_INSIDE_H
#define SOFT_SKF_INSIDE_H

#include <limits.h>
#include <stddef.h>

#include "skf.h"

/*
 * faults.c: what BIDSEAL_SOFT_SKF_FAULT asks for, a list such as "crash:SKF_ECCSignData,unpadded", and the file that
 * BIDSEAL_SOFT_SKF_FAULT_FILE names, which is read again by every function called. In a function named behind the colon:
 *   crash, hang, slow (300 ms)
 *   remove          all devices are pulled out at its beginning
 *   fail            answers SAR_FAIL, or a code: fail:SKF_Decrypt:0A00001E
 *   length, grows   an absurd length; one byte more than the buffer has
 *   garbage         bytes that mean nothing
 *   wrong           SKF_ECCSignData: a signature with one bit changed
 *   short           SKF_Decrypt and extensions: a byte less than there should be
 * In all functions of an operation (list, login, sign, decrypt, certificate, any), operation first, "sign:hang":
 *   crash, hang, slow, remove, garbage, long (an absurd length, or more than the structure holds)
 * Without a device:
 *   absent=DEVICE   the device is pulled out
 * Everywhere, and in BIDSEAL_SOFT_SKF_QUIRKS, which is for what a vendor's library does all the time:
 *   unpadded        SKF_Decrypt takes the padding off although PaddingType is 0
 *   retry           no retry count is written with a wrong PIN
 *   already         SKF_VerifyPIN does not look at the PIN while the user is logged in
 *   private         certificates are shown after the login only
 *   vendor=NAME     the functions of tokens.md 1.8 that this vendor has (extensions.c) are there
 *   rsa-block       they answer an RSA block as it is; rsa-zeros: without the zeros it begins with
 *   by-blocks       SKF_Decrypt is not supported, SKF_DecryptUpdate takes a block at a time
 *   no-session-keys SKF_ImportSessionKey is not supported
 *   left-aligned    coordinates stand at the beginning of their 64 bytes
 *   state-absent    SKF_GetDevState says of every device that it is absent
 *   change-login    SKF_ChangePIN wants the user logged in
 *   vendor-codes    codes of the vendor's own where the standard has some
 *   global-current  one device and one application are current in the whole library, whatever handle is given
 * BIDSEAL_SOFT_SKF_LOG names a file that gets the name of every function called, BIDSEAL_SOFT_SKF_HANDLES one that has the
 * number of handles that are open.
 */

/* Whether a fault is asked for, for this function or (function NULL) for all. */
int fault(const char *kind, const char *function);
/* What stands behind a word such as "vendor=", or NULL; good until the next call. */
const char *quirk_value(const char *word);
/* Whether a device is pulled out by the word "absent=". */
int is_absent(const char *device);
/* The code, or the vendor's own for it. */
ULONG vendor_code(ULONG code, ULONG own);
/* At the beginning of every function: writes the log, crashes, hangs, removes, or answers a code. */
ULONG enter(const char *function);
#define ENTER()                          \
  do {                                   \
    ULONG entered = enter(__func__);     \
    if (entered != SAR_OK) return entered; \
  } while (0)
/* The protocol of two calls: without a buffer the length, with one the bytes. */
ULONG answer(const char *function, const void *bytes, ULONG length, void *out, ULONG *out_length);

/* store.c: a device is a folder in BIDSEAL_SOFT_SKF; removing or renaming it pulls it out. */

#define NAME_LIMIT 64
#define FILE_LIMIT 16384

int is_name(const char *name);
/* Joins with slashes up to a NULL; answers 0 when it is too long. */
int path_of(char out[PATH_MAX], ...);
const char *store_root(void);
int folder_exists(const char *path);
/* Whether the device of this folder is plugged in. */
int is_plugged(const char *path);
/* How often the device was plugged in: what was opened or logged in before is over. */
unsigned long plug_count(const char *path);
/* Names of the folders in a folder, sorted, as "a\0b\0\0". Answers the length, or 0 where there is no such folder. */
ULONG list_names(const char *path, char *out, ULONG size);
/* Answers the length, or -1. */
long read_bytes(const char *path, void *out, size_t size);
int write_bytes(const char *path, const void *bytes, size_t length);
int make_folder(const char *path);
/* Renames every device, as if all had been pulled out. */
void remove_devices(void);

/* handles.c */

enum kind { DEVICE = 1, APPLICATION, CONTAINER, SESSION_KEY };

struct object {
  enum kind kind;
  struct object *parent;
  char path[PATH_MAX];
  /* DEVICE */
  unsigned long plugged;
  BYTE challenge[16];
  int authenticated;
  /* SESSION_KEY */
  ULONG algorithm;
  BYTE key[16];
  BLOCKCIPHERPARAM parameter;
  int ready;
  /* SKF_DecryptUpdate: the block before, and the one that is held back. */
  BYTE last[16], held[16];
  int is_held;
};

struct object *new_object(enum kind kind, struct object *parent, const char *path);
/* SAR_OK when the handle is a living one of this kind and its device is plugged in; SAR_DEVICE_REMOVED answers it too. */
ULONG find_object(HANDLE handle, enum kind kind, struct object **found);
/* Ends a handle, also one whose device is away. */
ULONG close_object(HANDLE handle, enum kind kind);
/* The user has logged in to the container's application. */
int is_logged_in(const struct object *object);
void set_logged_in(const struct object *application, int yes);

/* sm2.c: numbers are 32 bytes, points 64. Answer 1 when it went well. */

int sm2_generate(BYTE d[32]);
int sm2_public(const BYTE d[32], BYTE point[64]);
int sm2_sign(const BYTE d[32], const BYTE e[32], BYTE r[32], BYTE s[32]);
int sm2_decrypt(const BYTE d[32], const BYTE point[64], const BYTE hash[32], const BYTE *cipher, size_t length,
                BYTE *out);
int sm4_block(const BYTE key[16], int encrypt, const BYTE in[16], BYTE out[16]);
int sm4_cbc_decrypt(const BYTE key[16], const BYTE iv[16], const BYTE *in, size_t length, BYTE *out);

#endif
