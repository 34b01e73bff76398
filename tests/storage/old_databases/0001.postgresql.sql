CREATE SEQUENCE public.accounts_id_seq;
CREATE TABLE accounts (
    "id" bigint DEFAULT nextval('accounts_id_seq'::regclass) NOT NULL,
    "name" character varying(100) NOT NULL,
    "created_at" timestamp with time zone NOT NULL,
    "lists_fleet" boolean,
    "last_good_round_at" timestamp with time zone,
    "last_problem" text
);
CREATE TABLE alembic_version (
    "version_num" character varying(32) NOT NULL
);
CREATE SEQUENCE public.deliveries_id_seq;
CREATE TABLE deliveries (
    "id" bigint DEFAULT nextval('deliveries_id_seq'::regclass) NOT NULL,
    "server_id" bigint NOT NULL,
    "incident_id" bigint,
    "kind" character varying(20) NOT NULL,
    "nonce" character varying(25) NOT NULL,
    "recorded_at" timestamp with time zone NOT NULL,
    "due_at" timestamp with time zone NOT NULL,
    "tries" integer DEFAULT 0 NOT NULL,
    "last_problem" text,
    "delivered_at" timestamp with time zone
);
CREATE SEQUENCE public.incidents_id_seq;
CREATE TABLE incidents (
    "id" bigint DEFAULT nextval('incidents_id_seq'::regclass) NOT NULL,
    "account_id" bigint NOT NULL,
    "token_id" bigint NOT NULL,
    "mode_before" character varying(20) NOT NULL,
    "mode" character varying(20) NOT NULL,
    "began_at" timestamp with time zone NOT NULL,
    "ended_at" timestamp with time zone
);
CREATE TABLE notes (
    "name" character varying(50) NOT NULL,
    "value" text NOT NULL
);
CREATE TABLE posts (
    "incident_id" bigint NOT NULL,
    "server_id" bigint NOT NULL,
    "channel_id" bigint NOT NULL,
    "discord_message_id" bigint NOT NULL
);
CREATE TABLE samples (
    "account_id" bigint NOT NULL,
    "token_id" bigint NOT NULL,
    "read_at" bigint NOT NULL,
    "mode" character varying(20) NOT NULL,
    "fast_left" bigint,
    "fast_total" bigint
);
CREATE TABLE servers (
    "server_id" bigint NOT NULL,
    "account_id" bigint NOT NULL,
    "channel_id" bigint NOT NULL,
    "role_id" bigint,
    "set_up_by" bigint NOT NULL,
    "set_up_at" timestamp with time zone NOT NULL,
    "broken_because" text
);
CREATE TABLE tokens (
    "account_id" bigint NOT NULL,
    "token_id" bigint NOT NULL,
    "mode" character varying(20) NOT NULL,
    "since" timestamp with time zone NOT NULL,
    "out_since" timestamp with time zone,
    "doubt_mode" character varying(20),
    "doubt_since" timestamp with time zone,
    "doubt_readings" integer,
    "reading" text NOT NULL,
    "in_fleet" boolean DEFAULT false NOT NULL,
    "sampled_at" timestamp with time zone NOT NULL
);
CREATE TABLE traces (
    "server_id" bigint NOT NULL,
    "message_id" uuid NOT NULL,
    "token_id" bigint NOT NULL,
    "traced_at" timestamp with time zone NOT NULL
);
CREATE TABLE watches (
    "account_id" bigint NOT NULL,
    "message_id" uuid NOT NULL,
    "token_id" bigint,
    "server_id" bigint NOT NULL,
    "watched_by" bigint NOT NULL,
    "watched_at" timestamp with time zone NOT NULL,
    "last_problem" text
);
INSERT INTO accounts VALUES ('1', 'primary', '2026-03-02 12:00:00+00', 'true', '2026-03-02 12:16:00+00', NULL);
INSERT INTO accounts VALUES ('2', 'another', '2026-03-02 12:00:00+00', 'false', NULL, 'KeyRefused: the key isn''t accepted');
INSERT INTO alembic_version VALUES ('0001');
INSERT INTO deliveries VALUES ('1', '400000000000000000', '1', 'began', 'nonce-1', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, '2026-03-02 12:03:00+00');
INSERT INTO deliveries VALUES ('10', '500000000000000000', '3', 'began', 'nonce-10', '2026-03-02 12:05:00+00', '2026-03-02 12:05:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('11', '600000000000000000', '3', 'began', 'nonce-11', '2026-03-02 12:05:00+00', '2026-03-02 12:05:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('12', '700000000000000000', '3', 'began', 'nonce-12', '2026-03-02 12:05:00+00', '2026-03-02 12:05:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('13', '400000000000000000', '4', 'began', 'nonce-13', '2026-03-02 12:07:00+00', '2026-03-02 12:07:00+00', '0', NULL, '2026-03-02 12:07:00+00');
INSERT INTO deliveries VALUES ('14', '500000000000000000', '4', 'began', 'nonce-14', '2026-03-02 12:07:00+00', '2026-03-02 12:07:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('15', '600000000000000000', '4', 'began', 'nonce-15', '2026-03-02 12:07:00+00', '2026-03-02 12:07:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('16', '700000000000000000', '4', 'began', 'nonce-16', '2026-03-02 12:07:00+00', '2026-03-02 12:07:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('17', '400000000000000000', '5', 'began', 'nonce-17', '2026-03-02 12:08:00+00', '2026-03-02 12:21:00+00', '1', 'Discord didn''t answer in time', NULL);
INSERT INTO deliveries VALUES ('18', '500000000000000000', '5', 'began', 'nonce-18', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('19', '600000000000000000', '5', 'began', 'nonce-19', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('2', '500000000000000000', '1', 'began', 'nonce-2', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, '2026-03-02 12:03:00+00');
INSERT INTO deliveries VALUES ('20', '700000000000000000', '5', 'began', 'nonce-20', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('21', '400000000000000000', '1', 'went_on', 'nonce-21', '2026-03-02 12:10:00+00', '2026-03-02 12:10:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('22', '500000000000000000', '1', 'went_on', 'nonce-22', '2026-03-02 12:10:00+00', '2026-03-02 12:10:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('23', '600000000000000000', '1', 'went_on', 'nonce-23', '2026-03-02 12:10:00+00', '2026-03-02 12:10:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('24', '700000000000000000', '1', 'went_on', 'nonce-24', '2026-03-02 12:10:00+00', '2026-03-02 12:10:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('25', '400000000000000000', '2', 'ended', 'nonce-25', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('26', '500000000000000000', '2', 'ended', 'nonce-26', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('27', '600000000000000000', '2', 'ended', 'nonce-27', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('28', '700000000000000000', '2', 'ended', 'nonce-28', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('29', '400000000000000000', '6', 'began', 'nonce-29', '2026-03-02 12:15:00+00', '2026-03-02 12:15:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('3', '600000000000000000', '1', 'began', 'nonce-3', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('30', '500000000000000000', '6', 'began', 'nonce-30', '2026-03-02 12:15:00+00', '2026-03-02 12:15:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('31', '600000000000000000', '6', 'began', 'nonce-31', '2026-03-02 12:15:00+00', '2026-03-02 12:15:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('32', '700000000000000000', '6', 'began', 'nonce-32', '2026-03-02 12:15:00+00', '2026-03-02 12:15:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('33', '400000000000000000', NULL, 'test', 'nonce-33', '2026-03-02 12:16:00+00', '2026-03-02 12:16:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('34', '800000000000000000', NULL, 'test', 'nonce-34', '2026-03-02 12:16:00+00', '2026-03-02 12:21:00+00', '1', 'Discord answered 403, code 50013', NULL);
INSERT INTO deliveries VALUES ('4', '700000000000000000', '1', 'began', 'nonce-4', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('5', '400000000000000000', '2', 'began', 'nonce-5', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, '2026-03-02 12:03:00+00');
INSERT INTO deliveries VALUES ('6', '500000000000000000', '2', 'began', 'nonce-6', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('7', '600000000000000000', '2', 'began', 'nonce-7', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('8', '700000000000000000', '2', 'began', 'nonce-8', '2026-03-02 12:03:00+00', '2026-03-02 12:03:00+00', '0', NULL, NULL);
INSERT INTO deliveries VALUES ('9', '400000000000000000', '3', 'began', 'nonce-9', '2026-03-02 12:05:00+00', '2026-03-02 12:05:00+00', '0', NULL, '2026-03-02 12:07:00+00');
INSERT INTO incidents VALUES ('1', '1', '111', 'FAST', 'VERIFYING', '2026-03-02 12:02:00+00', NULL);
INSERT INTO incidents VALUES ('2', '1', '666', 'FAST', 'RELAX', '2026-03-02 12:02:00+00', '2026-03-02 12:12:00+00');
INSERT INTO incidents VALUES ('3', '1', '222', 'FAST', 'OFF', '2026-03-02 12:04:00+00', NULL);
INSERT INTO incidents VALUES ('4', '1', '333', 'FAST', 'OTHER', '2026-03-02 12:06:00+00', NULL);
INSERT INTO incidents VALUES ('5', '1', '777', 'FAST', 'BANNED', '2026-03-02 12:08:00+00', NULL);
INSERT INTO incidents VALUES ('6', '1', '555', 'FAST', 'GONE', '2026-03-02 12:14:00+00', NULL);
INSERT INTO notes VALUES ('commands', '0123abcd');
INSERT INTO posts VALUES ('1', '400000000000000000', '400000000000000001', '1000000000000000001');
INSERT INTO posts VALUES ('1', '500000000000000000', '500000000000000001', '1000000000000000001');
INSERT INTO posts VALUES ('2', '400000000000000000', '400000000000000001', '1000000000000000002');
INSERT INTO posts VALUES ('3', '400000000000000000', '400000000000000001', '1000000000000000003');
INSERT INTO posts VALUES ('4', '400000000000000000', '400000000000000001', '1000000000000000004');
INSERT INTO samples VALUES ('1', '111', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '111', '1772452920000', 'RELAX', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '111', '1772453400000', 'VERIFYING', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '111', '1772453640000', 'VERIFYING', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '222', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '222', '1772453040000', 'OFF', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '222', '1772453640000', 'OFF', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '333', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '333', '1772453160000', 'OTHER', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '333', '1772453640000', 'OTHER', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '444', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '444', '1772453640000', 'FAST', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '444', '1772453760000', 'RELAX', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '555', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '555', '1772453640000', 'GONE', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '666', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '666', '1772452920000', 'RELAX', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '666', '1772453520000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '666', '1772453640000', 'FAST', '1800000', '54000000');
INSERT INTO samples VALUES ('1', '777', '1772452860000', 'FAST', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '777', '1772453280000', 'BANNED', '43200000', '54000000');
INSERT INTO samples VALUES ('1', '777', '1772453640000', 'BANNED', '1800000', '54000000');
INSERT INTO servers VALUES ('400000000000000000', '1', '400000000000000001', '400000000000000002', '900000000000000001', '2026-03-02 12:00:00+00', NULL);
INSERT INTO servers VALUES ('500000000000000000', '1', '500000000000000001', '500000000000000002', '900000000000000001', '2026-03-02 12:00:00+00', NULL);
INSERT INTO servers VALUES ('600000000000000000', '1', '600000000000000001', '600000000000000002', '900000000000000001', '2026-03-02 12:00:00+00', 'Discord answered 403, code 50013');
INSERT INTO servers VALUES ('700000000000000000', '1', '700000000000000001', '700000000000000002', '900000000000000001', '2026-03-02 12:00:00+00', NULL);
INSERT INTO servers VALUES ('800000000000000000', '2', '800000000000000001', NULL, '900000000000000002', '2026-03-02 12:00:00+00', 'Discord answered 404, code 10003');
INSERT INTO tokens VALUES ('1', '111', 'VERIFYING', '2026-03-02 12:10:00+00', '2026-03-02 12:02:00+00', NULL, NULL, NULL, '{"token_id":111,"read_at":"2026-03-02T12:14:00Z","status":"VERIFYING","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO tokens VALUES ('1', '222', 'OFF', '2026-03-02 12:04:00+00', '2026-03-02 12:04:00+00', NULL, NULL, NULL, '{"token_id":222,"read_at":"2026-03-02T12:14:00Z","status":"FAST","is_active":false,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO tokens VALUES ('1', '333', 'OTHER', '2026-03-02 12:06:00+00', '2026-03-02 12:06:00+00', NULL, NULL, NULL, '{"token_id":333,"read_at":"2026-03-02T12:14:00Z","status":"Turbo?","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO tokens VALUES ('1', '444', 'FAST', '2026-03-02 12:01:00+00', NULL, 'RELAX', '2026-03-02 12:16:00+00', '1', '{"token_id":444,"read_at":"2026-03-02T12:16:00Z","status":"RELAX","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:16:00+00');
INSERT INTO tokens VALUES ('1', '555', 'GONE', '2026-03-02 12:14:00+00', '2026-03-02 12:14:00+00', NULL, NULL, NULL, '{"token_id":555,"read_at":"2026-03-02T12:15:00Z","status":"FAST","is_active":true,"listed":false,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO tokens VALUES ('1', '666', 'FAST', '2026-03-02 12:12:00+00', NULL, NULL, NULL, NULL, '{"token_id":666,"read_at":"2026-03-02T12:14:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO tokens VALUES ('1', '777', 'BANNED', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', NULL, NULL, NULL, '{"token_id":777,"read_at":"2026-03-02T12:14:00Z","status":"BANNED","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', 'true', '2026-03-02 12:14:00+00');
INSERT INTO traces VALUES ('400000000000000000', '00000000-0000-0000-0000-000000000003', '111', '2026-03-02 12:13:00+00');
INSERT INTO traces VALUES ('400000000000000000', '00000000-0000-0000-0000-000000000004', '111', '2026-03-02 12:12:00+00');
INSERT INTO watches VALUES ('1', '00000000-0000-0000-0000-000000000001', NULL, '400000000000000000', '900000000000000001', '2026-03-02 12:16:00+00', NULL);
INSERT INTO watches VALUES ('1', '00000000-0000-0000-0000-000000000002', '111', '500000000000000000', '900000000000000001', '2026-03-02 12:16:00+00', 'NoTokenYet: it waits');
SELECT setval('public.accounts_id_seq', 2, true);
ALTER SEQUENCE public.accounts_id_seq OWNED BY accounts.id;
SELECT setval('public.deliveries_id_seq', 34, true);
ALTER SEQUENCE public.deliveries_id_seq OWNED BY deliveries.id;
SELECT setval('public.incidents_id_seq', 6, true);
ALTER SEQUENCE public.incidents_id_seq OWNED BY incidents.id;
ALTER TABLE alembic_version ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE accounts ADD CONSTRAINT pk_accounts PRIMARY KEY (id);
ALTER TABLE deliveries ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE incidents ADD CONSTRAINT pk_incidents PRIMARY KEY (id);
ALTER TABLE notes ADD CONSTRAINT pk_notes PRIMARY KEY (name);
ALTER TABLE posts ADD CONSTRAINT pk_posts PRIMARY KEY (incident_id, server_id);
ALTER TABLE samples ADD CONSTRAINT pk_samples PRIMARY KEY (account_id, token_id, read_at);
ALTER TABLE servers ADD CONSTRAINT pk_servers PRIMARY KEY (server_id);
ALTER TABLE tokens ADD CONSTRAINT pk_tokens PRIMARY KEY (account_id, token_id);
ALTER TABLE traces ADD CONSTRAINT pk_traces PRIMARY KEY (server_id, message_id);
ALTER TABLE watches ADD CONSTRAINT pk_watches PRIMARY KEY (account_id, message_id);
ALTER TABLE accounts ADD CONSTRAINT uq_accounts_name UNIQUE (name);
ALTER TABLE deliveries ADD CONSTRAINT uq_deliveries_nonce UNIQUE (nonce);
ALTER TABLE deliveries ADD CONSTRAINT fk_deliveries_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents(id) ON DELETE CASCADE;
ALTER TABLE deliveries ADD CONSTRAINT fk_deliveries_server_id_servers FOREIGN KEY (server_id) REFERENCES servers(server_id) ON DELETE CASCADE;
ALTER TABLE incidents ADD CONSTRAINT fk_incidents_token FOREIGN KEY (account_id, token_id) REFERENCES tokens(account_id, token_id) ON DELETE CASCADE;
ALTER TABLE posts ADD CONSTRAINT fk_posts_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES incidents(id) ON DELETE CASCADE;
ALTER TABLE posts ADD CONSTRAINT fk_posts_server_id_servers FOREIGN KEY (server_id) REFERENCES servers(server_id) ON DELETE CASCADE;
ALTER TABLE samples ADD CONSTRAINT fk_samples_token FOREIGN KEY (account_id, token_id) REFERENCES tokens(account_id, token_id) ON DELETE CASCADE;
ALTER TABLE servers ADD CONSTRAINT fk_servers_account_id_accounts FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE;
ALTER TABLE tokens ADD CONSTRAINT fk_tokens_account_id_accounts FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE;
ALTER TABLE watches ADD CONSTRAINT fk_watches_account_id_accounts FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE;
CREATE INDEX ix_deliveries_waiting ON public.deliveries USING btree (due_at) WHERE (delivered_at IS NULL);
CREATE UNIQUE INDEX ix_incidents_open ON public.incidents USING btree (account_id, token_id) WHERE (ended_at IS NULL);
CREATE INDEX ix_traces_lately ON public.traces USING btree (server_id, traced_at);
