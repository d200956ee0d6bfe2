/** The parameters of which one names the token. */
export const TOKEN_NAMES = ['slot', 'label', 'serial'] as const;
