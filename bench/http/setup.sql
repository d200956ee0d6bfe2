-- Tables of the peers (connect-pg-simple's own createTableIfMissing names its key constraint
-- session_pkey whatever the table is called, so two such tables cannot share a schema).
drop table if exists sess_pgsimple, sess_pgsimple_nt, sess_fastify, sess_ctypeorm, sess_limit, sess_ours cascade;
create table sess_pgsimple (sid varchar not null primary key, sess json not null, expire timestamp(6) not null);
create index on sess_pgsimple (expire);
create table sess_pgsimple_nt (like sess_pgsimple including all);
create table sess_fastify (like sess_pgsimple including all);
alter table sess_pgsimple owner to bench_app;
alter table sess_pgsimple_nt owner to bench_app;
alter table sess_fastify owner to bench_app;
create table sess_limit (id bytea primary key, data bytea not null, version int not null, expires_at timestamptz not null) with (fillfactor=70);
create index on sess_limit (expires_at);
alter table sess_limit owner to bench_app;
