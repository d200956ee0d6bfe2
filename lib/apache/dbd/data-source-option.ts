/** A TypeORM DataSource, the name of one that `@nestjs/typeorm` has, or connection options for one of our own. Told by
 *  its shape alone, so that whoever shares no table can do without TypeORM's types. */
export type DataSourceOption =
  | string
  | { readonly isInitialized: boolean; readonly options: { readonly type: string } }
  | { readonly type: string; readonly [option: string]: unknown };
