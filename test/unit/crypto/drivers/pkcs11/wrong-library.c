/* A PKCS#11 library that hands everything on to the one of -DREAL, and answers wrongly as the variable WRONG says. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long U;
typedef struct { unsigned char version[2]; void *f[68]; } List;

enum { SLOT_LIST = 4, TOKEN_INFO = 6, MECHANISM_LIST = 7, LOGIN = 18, CREATE_OBJECT = 20, SIGN = 43 };

static List *real, list;
static U logins;

static int wrong(const char *what) { const char *is = getenv("WRONG"); return is && !strcmp(is, what); }

typedef U Process(U session, void *in, U length, unsigned char *out, U *outLength);

static U sign(U session, void *in, U length, unsigned char *out, U *outLength) {
  U rv = ((Process *)real->f[SIGN])(session, in, length, out, outLength);
  const char *code = getenv("SIGN_ANSWERS");
  if (code) return strtoul(code, 0, 0);
  if (wrong("sign") && !rv) out[3] ^= 1;
  if (wrong("sign length") && !rv) *outLength = 1000000;
  if (wrong("sign short") && !rv) *outLength = 20;
  return rv;
}

static U createObject(U session, void *template, U count, U *object) {
  if (wrong("no keys from outside")) return 0x1b;
  return ((U (*)(U, void *, U, U *))real->f[CREATE_OBJECT])(session, template, count, object);
}

/* Tokens that come and go show only to who asks for their number first, as the standard has it. */
static U slotList(unsigned char present, U *slots, U *count) {
  static int looked;
  U rv = ((U (*)(unsigned char, U *, U *))real->f[SLOT_LIST])(present, slots, count);
  if (wrong("slots") && slots && !looked) *count = 0;
  looked = !slots;
  return rv;
}

static U tokenInfo(U slot, unsigned char *info) {
  U rv = ((U (*)(U, void *))real->f[TOKEN_INFO])(slot, info);
  U flag = wrong("last try") ? 0x20000 : wrong("locked") ? 0x40000 : 0;
  *(U *)(info + 96) |= flag;
  return rv;
}

static U mechanismList(U slot, U *types, U *count) {
  U rv = ((U (*)(U, U *, U *))real->f[MECHANISM_LIST])(slot, types, count);
  U hidden = wrong("no hmac") ? 0x271 : 0;
  for (U i = 0; !rv && types && hidden && i < *count; i++) if (types[i] == hidden) types[i] = 0x80000001;
  return rv;
}

static U login(U session, U user, void *pin, U length) {
  logins++;
  if (wrong("locked by others")) return 0xa4;
  return ((U (*)(U, U, void *, U))real->f[LOGIN])(session, user, pin, length);
}

U stub_logins(void) { return logins; }

U C_GetFunctionList(List **out) {
  void *handle = dlopen(REAL, RTLD_NOW);
  if (!handle || wrong("no list")) return 6;
  ((U (*)(List **))dlsym(handle, "C_GetFunctionList"))(&real);
  list = *real;
  list.f[SIGN] = sign;
  list.f[CREATE_OBJECT] = createObject;
  list.f[SLOT_LIST] = slotList;
  list.f[TOKEN_INFO] = tokenInfo;
  list.f[MECHANISM_LIST] = mechanismList;
  list.f[LOGIN] = login;
  if (wrong("no function")) list.f[SIGN] = 0;
  *out = &list;
  return 0;
}
