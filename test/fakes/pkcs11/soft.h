/* The inside of the soft PKCS #11 module. */
#ifndef SOFT_P11_INSIDE_H
#define SOFT_P11_INSIDE_H

#include <limits.h>
#include <stddef.h>

#include "functions.h"

/*
 * settings.c: what the environment asks for, read again at every call.
 *   BIDSEAL_SOFT_P11_STORE        the folder of the tokens, a folder each
 *   BIDSEAL_SOFT_P11_QUIRKS       see quirks below
 *   BIDSEAL_SOFT_P11_FAULT        "operation:fault", see faults.c
 *   BIDSEAL_SOFT_P11_FAULT_FILE   a file with more of both, for a process that runs: "operation:fault", "quirk=NAME",
 *                                 and "absent=TOKEN" for a token that is pulled out
 *   BIDSEAL_SOFT_P11_PAD          what is typed at the PIN pad: right (as it is without), wrong, cancel
 *   BIDSEAL_SOFT_P11_LOG          a file that gets the name of every function called
 * Entries are separated by commas or lines.
 *
 * Quirks:
 *   bare-ec-point         CKA_EC_POINT without the OCTET STRING around it
 *   private-ec-point      private keys show CKA_EC_POINT too
 *   no-ec-params          SM2 keys have no CKA_EC_PARAMS, and are not made with it
 *   no-id, no-modulus     CKA_ID of all objects, CKA_MODULUS of private keys is missing
 *   strip-zeros           leading zeros of r, s, shared secrets and RSA blocks are cut off; r or s always has one then
 *   always-authenticate   private keys want the PIN for each use
 *   sm2-message           every SM2 signature is over the message, by whatever mechanism
 *   sm2-id, sm2-z         so too, and the signer's id, or Z, must be the mechanism's parameter
 *   sm2-der, sm2-raw      how SM2 signatures are written, by whatever mechanism
 *   layout=C1C2C3         how SM2 ciphertexts are written, and the other layouts (sm2-decrypt.c)
 *   max-input=N           longer input is not signed
 *   no-pin-flags          the token's flags tell nothing of the tries left
 *   protected-path        the PIN is typed at the token
 *   numbers=sansec        the vendor whose SM2 numbers are used (sm2-numbers.c)
 */
int quirk(const char *name);
/* The text behind "name=", or NULL; good until the next call. */
const char *quirk_value(const char *name);
const char *pad_input(void);
int is_told_absent(const char *token);
int has_fault(const char *operation, const char *kind);
void write_log(const char *function);

/* faults.c */

/* Lengths that no token has; whoever believes them finds no memory for it. */
#define ABSURD 0x7ffffffffffffff0UL

/* Crashes, hangs or waits where that is asked for in this operation. */
void strike(const char *operation);
/* The two-call protocol of outputs: a length without a buffer; garbage and absurd lengths where they are asked for. */
CK_RV answer(const char *operation, const CK_BYTE *bytes, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length);

/* store.c: a token is a folder; removing or renaming it pulls it out. */

#define NAME_LIMIT 64
#define FILE_LIMIT 65536

/* Joins with slashes up to a NULL; answers 0 when it is too long. */
int path_of(char out[PATH_MAX], ...);
int folder_exists(const char *path);
/* The length, or -1. */
long read_bytes(const char *path, void *out, size_t size);
int write_bytes(const char *path, const void *bytes, size_t length);
/* As write_bytes, but answers 0 where the file exists. */
int write_new(const char *path, const void *bytes, size_t length);
/* Sorted names of a folder that do not begin with a dot; the caller frees each and the list. */
int list_names(const char *path, char ***names);

/* tokens.c: a token as it is stored, and what this process knows of it. */

struct pin {
  CK_ULONG most, left;
  char text[65];
};

struct token_file {
  char label[33], manufacturer[33], model[17], serial[17];
  /* Indexed by CKU_SO and CKU_USER; an empty text is no PIN. */
  struct pin pins[2];
};

enum login { NOBODY, USER, SECURITY_OFFICER };

struct token {
  struct token *next;
  CK_SLOT_ID slot;
  char name[NAME_LIMIT + 1];
  int present, reported;
  enum login login;
  struct object *objects;
};

/* slots.c */

int is_initialized(void);
/* CKR_SLOT_ID_INVALID, CKR_TOKEN_NOT_PRESENT. */
CK_RV find_token(CK_SLOT_ID slot, struct token **token);
/* Looks whether the token is there; one that has gone loses its sessions, login and handles. */
int is_present(struct token *token);
/* Pulls a token out, or all of them. */
void pull_out(const struct token *token);
int token_path(const struct token *token, char out[PATH_MAX]);
int read_token(const struct token *token, struct token_file *file);
CK_RV write_token(const struct token *token, const struct token_file *file);
void pad_text(CK_UTF8CHAR *out, size_t size, const char *text);

/* pins.c */

CK_FLAGS pin_flags(const struct token_file *file);
/* One try, counted on the disk before the PIN is looked at. */
CK_RV try_pin(const struct token *token, struct token_file *file, CK_USER_TYPE user, const CK_UTF8CHAR *pin,
              CK_ULONG length);

/* sessions.c */

enum operation_kind { NOTHING_ACTIVE, SEARCH, SIGN, DECRYPT };

#define PARAMETER_LIMIT 8192

struct operation {
  enum operation_kind kind;
  CK_MECHANISM_TYPE mechanism;
  CK_OBJECT_HANDLE key;
  int authenticated;
  /* SEARCH: what was found and is not given out yet. */
  CK_OBJECT_HANDLE *found;
  CK_ULONG count, at;
  /* A copy of the mechanism's parameter. */
  CK_BYTE parameter[PARAMETER_LIMIT];
  CK_ULONG parameter_length;
};

struct session {
  struct session *next;
  CK_SESSION_HANDLE handle;
  struct token *token;
  int read_write;
  /* Its token was pulled out. */
  int dead;
  struct operation operation;
};

CK_RV find_session(CK_SESSION_HANDLE handle, const char *operation, struct session **session);
/* The next session of the token behind `after`, or the first. */
struct session *next_session(const struct token *token, const struct session *after);
void close_sessions(const struct token *token);
void end_sessions(const struct token *token);
void end_operation(struct session *session);

/* attributes.c: lists of attributes, and objects as files of them. */

struct attribute {
  CK_ATTRIBUTE_TYPE type;
  CK_ULONG length;
  CK_BYTE *value;
};

struct attributes {
  struct attribute *list;
  CK_ULONG count;
};

const struct attribute *get(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type);
CK_ULONG get_number(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG otherwise);
int get_flag(const struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int otherwise);
void set(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG length);
void set_number(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value);
void set_flag(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int value);
/* Only where it is not set yet. */
void set_number_default(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, CK_ULONG value);
void set_flag_default(struct attributes *attributes, CK_ATTRIBUTE_TYPE type, int value);
CK_RV copy_template(struct attributes *out, const CK_ATTRIBUTE *list, CK_ULONG count);
void clear_attributes(struct attributes *attributes);
int read_attributes(const char *path, struct attributes *out);
int write_attributes(const struct token *token, const struct attributes *attributes, char file[32]);

/* objects.c */

struct object {
  struct object *next;
  CK_OBJECT_HANDLE handle;
  /* The session that holds it, or NULL for an object of the token, which has a file. */
  const struct session *owner;
  char file[32];
  struct attributes attributes;
};

/* Brings the list into step with the folder. */
void load_objects(struct token *token);
struct object *find_object(const struct session *session, CK_OBJECT_HANDLE handle);
int is_visible(const struct session *session, const struct object *object);
/* Takes the attributes over, also when it fails. */
CK_RV add_object(struct session *session, struct attributes *attributes, CK_OBJECT_HANDLE *handle);
/* Forgets objects: those of one session, private ones, all of the token. Nothing is taken from the disk. */
void forget_objects_of(struct token *token, const struct session *owner);
void forget_private_objects(struct token *token);
void forget_objects(struct token *token);

/* reading.c: attributes as the quirks show them. */

CK_RV read_attribute(const struct object *object, CK_ATTRIBUTE_TYPE type, const CK_BYTE **value, CK_ULONG *length);

/* keys.c */

enum key_kind { UNKNOWN_KEY, RSA_KEY, P256_KEY, P384_KEY, SM2_KEY };

struct evp_pkey_st;

enum key_kind curve_of(const struct attributes *attributes);
enum key_kind kind_of(const struct attributes *attributes);
/* DER of the curve's OID. */
const CK_BYTE *curve_parameters(enum key_kind kind, CK_ULONG *length);
/* Bytes of a coordinate, or of the modulus. */
CK_ULONG key_length(const struct attributes *attributes);
/* OpenSSL's key, not for SM2. NULL where the numbers are no key. */
struct evp_pkey_st *private_key(const struct attributes *attributes);
/* The private number of an EC key, padded to its length. */
int private_number(const struct attributes *attributes, CK_BYTE *out, CK_ULONG length);
/* 04 X Y; answers the length or 0. */
CK_ULONG public_point(enum key_kind kind, const CK_BYTE *number, CK_ULONG length, CK_BYTE out[97]);
/* The point behind a CKA_EC_POINT or a bare one. */
const CK_BYTE *bare_point(const CK_BYTE *point, CK_ULONG *length);
CK_ULONG without_zeros(CK_BYTE *bytes, CK_ULONG length);

/* mechanisms.c */

CK_RV check_mechanism(const CK_MECHANISM *mechanism, CK_FLAGS use, enum key_kind kind);

/* generate.c */

/* Whatever a private key can do, where the template does not tell. */
void set_use_defaults(struct attributes *key, enum key_kind kind);
/* CKA_EC_POINT, as it is stored: an OCTET STRING. */
void set_public_point(struct attributes *attributes, const CK_BYTE *point, CK_ULONG length);

/* sm2-numbers.c: a vendor's numbers; 0 is none (no vendor uses it). */

enum sm2_input { SM2_E, SM2_MESSAGE };
enum sm2_form { SM2_RAW, SM2_DER };

struct sm2_sign_number {
  CK_MECHANISM_TYPE mechanism;
  enum sm2_input input;
  enum sm2_form form;
};

struct sm2_decrypt_number {
  CK_MECHANISM_TYPE mechanism;
  const char *layout;
};

struct sm2_numbers {
  const char *vendor;
  CK_KEY_TYPE key_type;
  CK_MECHANISM_TYPE generate;
  struct sm2_sign_number sign[8];
  struct sm2_decrypt_number decrypt[4];
};

const struct sm2_numbers *sm2_numbers(void);
const struct sm2_sign_number *sm2_sign_number(CK_MECHANISM_TYPE mechanism);
const struct sm2_decrypt_number *sm2_decrypt_number(CK_MECHANISM_TYPE mechanism);

/* sm2-sign.c, sm2-decrypt.c, ecdsa.c, rsa.c: the operations; outputs have room for 1024 bytes. */

CK_RV sign_sm2(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
               CK_BYTE *out, CK_ULONG *out_length);
CK_RV check_sm2_parameter(const CK_MECHANISM *mechanism);
CK_RV decrypt_sm2(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
                  CK_BYTE *out, CK_ULONG *out_length);
CK_RV sign_ecdsa(const struct object *key, const CK_BYTE *in, CK_ULONG in_length, CK_BYTE *out, CK_ULONG *out_length);
CK_RV check_rsa_parameter(const CK_MECHANISM *mechanism);
CK_RV sign_rsa(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
               CK_BYTE *out, CK_ULONG *out_length);
CK_RV decrypt_rsa(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
                  CK_BYTE *out, CK_ULONG *out_length);

/* signatures.c: r and s as the quirks and the form want them. */

int has_leading_zero(const CK_BYTE *rs, CK_ULONG half);
CK_ULONG raw_signature(const CK_BYTE *rs, CK_ULONG half, CK_BYTE *out);
CK_ULONG der_signature(const CK_BYTE *rs, CK_ULONG half, CK_BYTE *out);

/* test/fakes/skf/sm2.c: numbers are 32 bytes, points 64. Answer 1 when it went well. */

int sm2_generate(CK_BYTE d[32]);
int sm2_public(const CK_BYTE d[32], CK_BYTE point[64]);
int sm2_sign(const CK_BYTE d[32], const CK_BYTE e[32], CK_BYTE r[32], CK_BYTE s[32]);
int sm2_decrypt(const CK_BYTE d[32], const CK_BYTE point[64], const CK_BYTE hash[32], const CK_BYTE *cipher,
                size_t length, CK_BYTE *out);

#endif
