/** A TypeORM DataSource, the name of one that `@nestjs/typeorm` has, or connection options for a new one. The type describes
 *  only the shape, so that an application without a shared table does not need TypeORM's types. */
export type DataSourceOption =
  | string
  | { readonly isInitialized: boolean; readonly options: { readonly type: string } }
  | { readonly type: string; readonly [option: string]: unknown };
