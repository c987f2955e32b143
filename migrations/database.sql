-- Rights inside one database, by a superuser, after `create database ... owner belgenet_owner`. Safe to run again.
-- Tables get their grants from the migrations, table by table.
do $$
begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to belgenet_app, belgenet_platform, belgenet_relay', current_database());
end
$$;
alter schema public owner to belgenet_owner;
revoke all on schema public from public;
grant usage on schema public to belgenet_app, belgenet_platform, belgenet_relay;
