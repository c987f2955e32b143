-- The four database roles, once per PostgreSQL cluster, by a superuser. Safe to run again: it only sets what it names.
--
--   belgenet_owner     owns the schema and runs the migrations; nothing else logs in as it
--   belgenet_app       what web, worker and beat use: owns nothing, row level security always applies
--   belgenet_platform  work across tenants (creating tenants); the only one that passes row level security
--   belgenet_relay     the outbox relay: sees the outbox of all tenants and nothing else
--
-- Passwords come from settings of the session and stay as they are when a setting is missing (peer authentication):
--
--   psql -v ON_ERROR_STOP=1 -c "set belgenet.owner_password = '...'" -c "set belgenet.app_password = '...'" \
--        -c "set belgenet.platform_password = '...'" \
--        -c "set belgenet.relay_password = '...'" -f roles.sql
do $$
declare
  wanted record;
  secret text;
begin
  for wanted in
    select * from (values
      ('belgenet_owner', 'owner', 'nobypassrls'),
      ('belgenet_app', 'app', 'nobypassrls'),
      ('belgenet_platform', 'platform', 'bypassrls'),
      ('belgenet_relay', 'relay', 'nobypassrls')
    ) as roles (name, setting, row_security)
  loop
    if not exists (select from pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    execute format(
      'alter role %I login nosuperuser nocreatedb nocreaterole noinherit noreplication %s',
      wanted.name, wanted.row_security
    );
    secret := nullif(current_setting('belgenet.' || wanted.setting || '_password', true), '');
    if secret is not null then
      execute format('alter role %I password %L', wanted.name, secret);
    end if;
  end loop;
end
$$;
