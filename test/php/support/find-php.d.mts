export declare const PACKAGES: string;
export declare function findPhp(): { readonly page: string; readonly program: string } | undefined;
export declare const REDIS_EXTENSIONS: readonly string[];
export declare function hasPhpRedis(): boolean;
