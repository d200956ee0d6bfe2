export declare const PACKAGES: string;
export declare function findPhp(): { readonly page: string; readonly program: string } | undefined;
