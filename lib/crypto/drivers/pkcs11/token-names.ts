/** The parameters that can name the token; exactly one of them is given. */
export const TOKEN_NAMES = ['slot', 'label', 'serial'] as const;
