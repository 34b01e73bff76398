CREATE TABLE public.accounts (
    id bigint NOT NULL,
    name character varying(100) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    lists_fleet boolean,
    last_success_at timestamp with time zone,
    last_error text,
    quota text
);
CREATE SEQUENCE public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.accounts_id_seq OWNED BY public.accounts.id;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.alert_routes (
    server_id bigint NOT NULL,
    account_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    role_id bigint,
    created_by bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_reason character varying(30)
);
CREATE TABLE public.app_state (
    name character varying(50) NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.audit (
    id bigint NOT NULL,
    server_id bigint NOT NULL,
    member_id bigint NOT NULL,
    action character varying(30) NOT NULL,
    target character varying(100) NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome character varying(20) NOT NULL
);
CREATE SEQUENCE public.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.audit_id_seq OWNED BY public.audit.id;
CREATE TABLE public.boards (
    server_id bigint NOT NULL,
    account_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    posted_message_id bigint,
    nonce character varying(25) NOT NULL,
    posted_by bigint NOT NULL,
    posted_at timestamp with time zone NOT NULL,
    content_hash character varying(64),
    edited_at timestamp with time zone,
    last_error text,
    next_attempt_at timestamp with time zone
);
CREATE TABLE public.deliveries (
    id bigint NOT NULL,
    server_id bigint NOT NULL,
    incident_id bigint,
    kind character varying(20) NOT NULL,
    payload text,
    urgency integer NOT NULL,
    nonce character varying(25) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    next_attempt_at timestamp with time zone NOT NULL,
    claimed_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    delivered_at timestamp with time zone
);
CREATE SEQUENCE public.deliveries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.deliveries_id_seq OWNED BY public.deliveries.id;
CREATE TABLE public.digests (
    server_id bigint NOT NULL,
    sent_until timestamp with time zone NOT NULL
);
CREATE TABLE public.incident_events (
    id bigint NOT NULL,
    incident_id bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    type character varying(20) NOT NULL,
    token_id bigint,
    kind character varying(20),
    mode character varying(20),
    actor_id bigint,
    expires_at timestamp with time zone
);
CREATE SEQUENCE public.incident_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.incident_events_id_seq OWNED BY public.incident_events.id;
CREATE TABLE public.incidents (
    id bigint NOT NULL,
    server_id bigint NOT NULL,
    type character varying(20) NOT NULL,
    members text NOT NULL,
    route_token_id bigint,
    flapping boolean DEFAULT false NOT NULL,
    started_at timestamp with time zone NOT NULL,
    resolved_at timestamp with time zone,
    acknowledged_by bigint,
    acknowledged_at timestamp with time zone,
    muted_by bigint,
    muted_until timestamp with time zone,
    reminders_sent integer DEFAULT 0 NOT NULL,
    closed_by bigint,
    posted_channel_id bigint,
    posted_message_id bigint
);
CREATE SEQUENCE public.incidents_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.incidents_id_seq OWNED BY public.incidents.id;
CREATE TABLE public.leases (
    name character varying(50) NOT NULL,
    holder character varying(25) NOT NULL,
    expires_at timestamp with time zone CONSTRAINT leases_until_not_null NOT NULL
);
CREATE TABLE public.mutes (
    id bigint NOT NULL,
    server_id bigint NOT NULL,
    token_id bigint,
    expires_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    muted_by bigint NOT NULL,
    muted_at timestamp with time zone NOT NULL
);
CREATE SEQUENCE public.mutes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.mutes_id_seq OWNED BY public.mutes.id;
CREATE TABLE public.samples (
    account_id bigint NOT NULL,
    token_id bigint NOT NULL,
    read_at bigint NOT NULL,
    mode character varying(20) NOT NULL,
    fast_left bigint,
    fast_total bigint
);
CREATE TABLE public.server_settings (
    server_id bigint NOT NULL,
    moderators_role_id bigint,
    rules text DEFAULT '{}'::text NOT NULL
);
CREATE TABLE public.token_names (
    server_id bigint NOT NULL,
    token_id bigint NOT NULL,
    name character varying(50) NOT NULL,
    named_by bigint NOT NULL,
    named_at timestamp with time zone NOT NULL
);
CREATE TABLE public.token_routes (
    server_id bigint NOT NULL,
    token_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    role_id bigint,
    created_by bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    disabled_reason character varying(30)
);
CREATE TABLE public.token_states (
    server_id bigint NOT NULL,
    token_id bigint NOT NULL,
    state text NOT NULL
);
CREATE TABLE public.tokens (
    account_id bigint NOT NULL,
    token_id bigint NOT NULL,
    reading text NOT NULL,
    in_fleet boolean DEFAULT false NOT NULL,
    sampled_at timestamp with time zone NOT NULL,
    missing_since timestamp with time zone,
    downsampled_until timestamp with time zone
);
CREATE TABLE public.traces (
    server_id bigint NOT NULL,
    message_id uuid NOT NULL,
    token_id bigint NOT NULL,
    traced_at timestamp with time zone NOT NULL
);
CREATE TABLE public.watches (
    account_id bigint NOT NULL,
    message_id uuid NOT NULL,
    token_id bigint,
    server_id bigint NOT NULL,
    watched_by bigint NOT NULL,
    watched_at timestamp with time zone NOT NULL,
    last_error text
);
ALTER TABLE ONLY public.accounts ALTER COLUMN id SET DEFAULT nextval('public.accounts_id_seq'::regclass);
ALTER TABLE ONLY public.audit ALTER COLUMN id SET DEFAULT nextval('public.audit_id_seq'::regclass);
ALTER TABLE ONLY public.deliveries ALTER COLUMN id SET DEFAULT nextval('public.deliveries_id_seq'::regclass);
ALTER TABLE ONLY public.incident_events ALTER COLUMN id SET DEFAULT nextval('public.incident_events_id_seq'::regclass);
ALTER TABLE ONLY public.incidents ALTER COLUMN id SET DEFAULT nextval('public.incidents_id_seq'::regclass);
ALTER TABLE ONLY public.mutes ALTER COLUMN id SET DEFAULT nextval('public.mutes_id_seq'::regclass);
INSERT INTO public.accounts VALUES (1, 'primary', '2026-03-02 12:00:00+00', true, '2026-03-02 15:16:00+00', 'Unreachable: ImaginePro could not be reached', '{"asked_at":"2026-03-02T15:16:00Z","plan":"DIY","credits":1200,"credits_quota":5000,"credits_extra":7,"expires_at":"2026-04-01T15:16:00Z"}');
INSERT INTO public.accounts VALUES (2, 'another', '2026-03-02 12:00:00+00', false, NULL, 'KeyRefused: the key isn''t accepted', NULL);
INSERT INTO public.alembic_version VALUES ('0005');
INSERT INTO public.alert_routes VALUES (400000000000000000, 1, 400000000000000001, 400000000000000002, 900000000000000001, '2026-03-02 12:00:00+00', NULL);
INSERT INTO public.alert_routes VALUES (500000000000000000, 1, 500000000000000001, 500000000000000002, 900000000000000001, '2026-03-02 12:00:00+00', NULL);
INSERT INTO public.alert_routes VALUES (600000000000000000, 1, 600000000000000001, 600000000000000002, 900000000000000001, '2026-03-02 14:08:00+00', 'missing_permissions');
INSERT INTO public.alert_routes VALUES (700000000000000000, 1, 700000000000000001, 700000000000000002, 900000000000000001, '2026-03-02 14:08:00+00', 'server_not_allowed');
INSERT INTO public.alert_routes VALUES (800000000000000000, 2, 800000000000000001, NULL, 900000000000000002, '2026-03-02 12:00:00+00', 'refused');
INSERT INTO public.app_state VALUES ('commands', '0123abcd');
INSERT INTO public.audit VALUES (1, 400000000000000000, 900000000000000001, 'token_disabled', '222', '2026-03-02 12:04:00+00', 'done');
INSERT INTO public.audit VALUES (10, 400000000000000000, 900000000000000001, 'unmuted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (11, 400000000000000000, 900000000000000001, 'incident_acknowledged', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (12, 400000000000000000, 900000000000000001, 'incident_muted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (13, 400000000000000000, 900000000000000001, 'incident_unmuted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (14, 400000000000000000, 900000000000000001, 'incident_closed', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (15, 400000000000000000, 900000000000000001, 'watched', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (16, 400000000000000000, 900000000000000001, 'unwatched', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (17, 400000000000000000, 900000000000000001, 'token_enabled', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (18, 400000000000000000, 900000000000000001, 'token_disabled', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (19, 400000000000000000, 900000000000000001, 'token_named', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (2, 400000000000000000, 900000000000000001, 'alerts_set_up', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (20, 400000000000000000, 900000000000000001, 'token_unnamed', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (21, 400000000000000000, 900000000000000001, 'board_posted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (22, 400000000000000000, 900000000000000001, 'board_removed', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (23, 500000000000000000, 900000000000000002, 'token_enabled', '222', '2026-03-02 15:16:00+00', 'refused');
INSERT INTO public.audit VALUES (24, 500000000000000000, 900000000000000002, 'token_enabled', '222', '2026-03-02 15:16:00+00', 'uncertain');
INSERT INTO public.audit VALUES (3, 400000000000000000, 900000000000000001, 'alerts_off', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (4, 400000000000000000, 900000000000000001, 'alerts_test', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (5, 400000000000000000, 900000000000000001, 'moderators_set', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (6, 400000000000000000, 900000000000000001, 'rules_set', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (7, 400000000000000000, 900000000000000001, 'token_routed', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (8, 400000000000000000, 900000000000000001, 'token_unrouted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.audit VALUES (9, 400000000000000000, 900000000000000001, 'muted', 'xxxxxxxxxxxxxxxxxxxx', '2026-03-02 14:16:00+00', 'done');
INSERT INTO public.boards VALUES (400000000000000000, 1, 400000000000000005, 1000000000000000000, 'board-1', 900000000000000001, '2026-03-02 14:16:00+00', 'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', '2026-03-02 15:16:00+00', NULL, NULL);
INSERT INTO public.boards VALUES (500000000000000000, 1, 500000000000000005, NULL, 'board-2', 900000000000000001, '2026-03-02 14:16:00+00', NULL, NULL, 'I may not see that channel: code 50001', '2026-03-02 16:16:00+00');
INSERT INTO public.deliveries VALUES (1, 400000000000000000, 1, 'started', NULL, 2, 'nonce-1', '2026-03-02 12:04:00+00', '2026-03-02 12:04:00+00', NULL, 1, NULL, '2026-03-02 12:04:00+00');
INSERT INTO public.deliveries VALUES (10, 400000000000000000, 9, 'started', NULL, 3, 'nonce-10', '2026-03-02 12:12:00+00', '2026-03-02 12:12:00+00', NULL, 0, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (100, 700000000000000000, 39, 'resolved', NULL, 0, 'nonce-100', '2026-03-02 15:03:00+00', '2026-03-02 15:03:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (101, 400000000000000000, 40, 'started', NULL, 2, 'nonce-101', '2026-03-02 15:05:00+00', '2026-03-02 15:05:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (102, 500000000000000000, 41, 'started', NULL, 2, 'nonce-102', '2026-03-02 15:05:00+00', '2026-03-02 15:05:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (103, 600000000000000000, 42, 'started', NULL, 2, 'nonce-103', '2026-03-02 15:05:00+00', '2026-03-02 15:05:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (104, 700000000000000000, 43, 'started', NULL, 2, 'nonce-104', '2026-03-02 15:05:00+00', '2026-03-02 15:05:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (105, 400000000000000000, 40, 'resolved', NULL, 0, 'nonce-105', '2026-03-02 15:07:00+00', '2026-03-02 15:07:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (106, 500000000000000000, 41, 'resolved', NULL, 0, 'nonce-106', '2026-03-02 15:07:00+00', '2026-03-02 15:07:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (107, 600000000000000000, 42, 'resolved', NULL, 0, 'nonce-107', '2026-03-02 15:07:00+00', '2026-03-02 15:07:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (108, 700000000000000000, 43, 'resolved', NULL, 0, 'nonce-108', '2026-03-02 15:07:00+00', '2026-03-02 15:07:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (109, 400000000000000000, 28, 'resolved', NULL, 0, 'nonce-109', '2026-03-02 15:08:00+00', '2026-03-02 15:08:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (110, 500000000000000000, 29, 'resolved', NULL, 0, 'nonce-110', '2026-03-02 15:08:00+00', '2026-03-02 15:08:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (111, 400000000000000000, 44, 'started', NULL, 2, 'nonce-111', '2026-03-02 15:09:00+00', '2026-03-02 15:09:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (112, 500000000000000000, 45, 'started', NULL, 2, 'nonce-112', '2026-03-02 15:09:00+00', '2026-03-02 15:09:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (113, 600000000000000000, 46, 'started', NULL, 2, 'nonce-113', '2026-03-02 15:09:00+00', '2026-03-02 15:09:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (114, 700000000000000000, 47, 'started', NULL, 2, 'nonce-114', '2026-03-02 15:09:00+00', '2026-03-02 15:09:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (115, 400000000000000000, 44, 'changed', NULL, 0, 'nonce-115', '2026-03-02 15:11:00+00', '2026-03-02 15:11:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (116, 500000000000000000, 45, 'resolved', NULL, 0, 'nonce-116', '2026-03-02 15:11:00+00', '2026-03-02 15:11:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (117, 600000000000000000, 46, 'resolved', NULL, 0, 'nonce-117', '2026-03-02 15:11:00+00', '2026-03-02 15:11:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (118, 700000000000000000, 47, 'resolved', NULL, 0, 'nonce-118', '2026-03-02 15:11:00+00', '2026-03-02 15:11:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (119, 400000000000000000, 44, 'changed', NULL, 0, 'nonce-119', '2026-03-02 15:13:00+00', '2026-03-02 15:13:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (121, 600000000000000000, 49, 'started', NULL, 2, 'nonce-121', '2026-03-02 15:13:00+00', '2026-03-02 15:13:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (122, 700000000000000000, 50, 'started', NULL, 2, 'nonce-122', '2026-03-02 15:13:00+00', '2026-03-02 15:13:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (123, 400000000000000000, 44, 'changed', NULL, 0, 'nonce-123', '2026-03-02 15:15:00+00', '2026-03-02 15:15:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (125, 600000000000000000, 49, 'changed', NULL, 0, 'nonce-125', '2026-03-02 15:15:00+00', '2026-03-02 15:15:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (126, 700000000000000000, 50, 'changed', NULL, 0, 'nonce-126', '2026-03-02 15:15:00+00', '2026-03-02 15:15:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (127, 500000000000000000, 11, 'summary', '{"type": "summary", "incident_ids": [11, 4, 14, 16, 18, 19, 31, 37, 41, 45, 23, 29]}', 0, 'nonce-127', '2026-03-02 15:16:00+00', '2026-03-02 15:16:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (128, 400000000000000000, NULL, 'test', NULL, 2, 'nonce-128', '2026-03-02 15:16:00+00', '2026-03-02 15:16:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (129, 600000000000000000, NULL, 'route_broken', '{"type": "route_broken", "channel_id": 600000000000000001, "created_by": 900000000000000001}', 2, 'nonce-129', '2026-03-02 15:16:00+00', '2026-03-02 15:16:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (13, 500000000000000000, 11, 'started', NULL, 3, 'nonce-13', '2026-03-02 12:12:00+00', '2026-03-02 12:12:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (130, 400000000000000000, NULL, 'digest', '{"type": "digest", "since": "2026-03-03T06:00:00+00:00", "until": "2026-03-04T06:00:00+00:00"}', 0, 'nonce-130', '2026-03-04 09:00:00+00', '2026-03-04 09:00:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (131, 400000000000000000, 51, 'started', NULL, 2, 'nonce-131', '2026-03-02 15:27:00+00', '2026-03-02 15:27:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (132, 500000000000000000, 52, 'started', NULL, 2, 'nonce-132', '2026-03-02 15:27:00+00', '2026-03-02 15:27:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (133, 600000000000000000, 53, 'started', NULL, 2, 'nonce-133', '2026-03-02 15:27:00+00', '2026-03-02 15:27:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (134, 700000000000000000, 54, 'started', NULL, 2, 'nonce-134', '2026-03-02 15:27:00+00', '2026-03-02 15:27:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (16, 400000000000000000, 9, 'worsened', NULL, 3, 'nonce-16', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', NULL, 0, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (19, 500000000000000000, 11, 'worsened', NULL, 3, 'nonce-19', '2026-03-02 12:13:00+00', '2026-03-02 12:13:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (2, 500000000000000000, 2, 'started', NULL, 2, 'nonce-2', '2026-03-02 12:04:00+00', '2026-03-02 12:04:00+00', NULL, 1, NULL, '2026-03-02 12:04:00+00');
INSERT INTO public.deliveries VALUES (21, 400000000000000000, 9, 'resolved', NULL, 0, 'nonce-21', '2026-03-02 12:16:00+00', '2026-03-02 12:16:00+00', NULL, 0, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (22, 500000000000000000, 11, 'resolved', NULL, 0, 'nonce-22', '2026-03-02 12:16:00+00', '2026-03-02 12:16:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (23, 400000000000000000, 9, 'summary', '{"type": "summary", "incident_ids": [9]}', 0, 'nonce-23', '2026-03-02 12:16:00+00', '2026-03-02 12:16:00+00', NULL, 1, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (24, 400000000000000000, 13, 'started', NULL, 2, 'nonce-24', '2026-03-02 12:18:00+00', '2026-03-02 12:18:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (25, 500000000000000000, 14, 'started', NULL, 2, 'nonce-25', '2026-03-02 12:18:00+00', '2026-03-02 12:18:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (26, 400000000000000000, 13, 'resolved', NULL, 0, 'nonce-26', '2026-03-02 12:20:00+00', '2026-03-02 12:20:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (27, 500000000000000000, 14, 'resolved', NULL, 0, 'nonce-27', '2026-03-02 12:20:00+00', '2026-03-02 12:20:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (28, 400000000000000000, 15, 'started', NULL, 2, 'nonce-28', '2026-03-02 12:22:00+00', '2026-03-02 12:22:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (29, 500000000000000000, 16, 'started', NULL, 2, 'nonce-29', '2026-03-02 12:22:00+00', '2026-03-02 12:22:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (3, 400000000000000000, 3, 'started', NULL, 3, 'nonce-3', '2026-03-02 12:06:00+00', '2026-03-02 12:06:00+00', NULL, 1, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (30, 400000000000000000, 15, 'resolved', NULL, 0, 'nonce-30', '2026-03-02 12:24:00+00', '2026-03-02 12:24:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (31, 500000000000000000, 16, 'resolved', NULL, 0, 'nonce-31', '2026-03-02 12:24:00+00', '2026-03-02 12:24:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (32, 400000000000000000, 17, 'started', NULL, 2, 'nonce-32', '2026-03-02 12:26:00+00', '2026-03-02 12:26:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (33, 500000000000000000, 18, 'started', NULL, 2, 'nonce-33', '2026-03-02 12:26:00+00', '2026-03-02 12:26:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (34, 400000000000000000, 17, 'changed', NULL, 0, 'nonce-34', '2026-03-02 12:28:00+00', '2026-03-02 12:28:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (35, 500000000000000000, 18, 'resolved', NULL, 0, 'nonce-35', '2026-03-02 12:28:00+00', '2026-03-02 12:28:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (36, 400000000000000000, 17, 'changed', NULL, 0, 'nonce-36', '2026-03-02 12:30:00+00', '2026-03-02 12:30:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (37, 500000000000000000, 19, 'started', NULL, 2, 'nonce-37', '2026-03-02 12:30:00+00', '2026-03-02 12:30:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (38, 400000000000000000, 17, 'changed', NULL, 0, 'nonce-38', '2026-03-02 12:32:00+00', '2026-03-02 12:32:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (39, 500000000000000000, 19, 'changed', NULL, 0, 'nonce-39', '2026-03-02 12:32:00+00', '2026-03-02 12:32:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (4, 500000000000000000, 4, 'started', NULL, 2, 'nonce-4', '2026-03-02 12:06:00+00', '2026-03-02 12:06:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (40, 400000000000000000, 1, 'reminder', NULL, 0, 'nonce-40', '2026-03-02 12:33:00+00', '2026-03-02 12:33:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (41, 400000000000000000, 20, 'started', NULL, 2, 'nonce-41', '2026-03-02 12:34:00+00', '2026-03-02 12:34:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (43, 400000000000000000, 3, 'reminder', NULL, 0, 'nonce-43', '2026-03-02 12:35:00+00', '2026-03-02 12:35:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (44, 400000000000000000, 22, 'started', NULL, 1, 'nonce-44', '2026-03-02 12:36:00+00', '2026-03-02 12:36:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (45, 500000000000000000, 23, 'started', NULL, 1, 'nonce-45', '2026-03-02 12:36:00+00', '2026-03-02 12:36:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (46, 400000000000000000, 5, 'reminder', NULL, 0, 'nonce-46', '2026-03-02 12:37:00+00', '2026-03-02 12:37:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (47, 400000000000000000, 22, 'resolved', NULL, 0, 'nonce-47', '2026-03-02 12:38:00+00', '2026-03-02 12:38:00+00', NULL, 0, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (48, 500000000000000000, 23, 'resolved', NULL, 0, 'nonce-48', '2026-03-02 12:38:00+00', '2026-03-02 12:38:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (49, 400000000000000000, 24, 'started', NULL, 1, 'nonce-49', '2026-03-02 12:40:00+00', '2026-03-02 12:40:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (5, 400000000000000000, 5, 'started', NULL, 2, 'nonce-5', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', NULL, 1, NULL, '2026-03-02 12:16:00+00');
INSERT INTO public.deliveries VALUES (50, 500000000000000000, 25, 'started', NULL, 2, 'nonce-50', '2026-03-02 12:40:00+00', '2026-03-02 16:16:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (51, 400000000000000000, 13, 'summary', '{"type": "summary", "incident_ids": [13, 15, 22]}', 0, 'nonce-51', '2026-03-02 12:40:00+00', '2026-03-02 12:40:00+00', NULL, 1, NULL, '2026-03-02 12:40:00+00');
INSERT INTO public.deliveries VALUES (52, 400000000000000000, 24, 'worsened', NULL, 2, 'nonce-52', '2026-03-02 12:42:00+00', '2026-03-02 12:42:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (53, 500000000000000000, 25, 'worsened', NULL, 2, 'nonce-53', '2026-03-02 12:42:00+00', '2026-03-02 12:42:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (54, 400000000000000000, 26, 'started', NULL, 3, 'nonce-54', '2026-03-02 12:44:00+00', '2026-03-02 12:44:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (56, 400000000000000000, 26, 'worsened', NULL, 3, 'nonce-56', '2026-03-02 12:45:00+00', '2026-03-02 12:45:00+00', NULL, 0, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (58, 400000000000000000, 20, 'reminder', NULL, 0, 'nonce-58', '2026-03-02 13:06:00+00', '2026-03-02 13:06:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (59, 500000000000000000, 19, 'resolved', NULL, 0, 'nonce-59', '2026-03-02 13:06:00+00', '2026-03-02 13:06:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (6, 500000000000000000, 6, 'started', NULL, 3, 'nonce-6', '2026-03-02 12:08:00+00', '2026-03-02 12:08:00+00', NULL, 1, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (60, 500000000000000000, 2, 'reminder', NULL, 0, 'nonce-60', '2026-03-02 13:06:00+00', '2026-03-02 13:06:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (61, 400000000000000000, 26, 'reminder', NULL, 0, 'nonce-61', '2026-03-02 13:16:00+00', '2026-03-02 13:16:00+00', NULL, 0, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (62, 500000000000000000, 6, 'reminder', NULL, 3, 'nonce-62', '2026-03-02 13:16:00+00', '2026-03-02 13:16:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (65, 400000000000000000, 17, 'resolved', NULL, 0, 'nonce-65', '2026-03-02 13:36:00+00', '2026-03-02 13:36:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (68, 400000000000000000, 28, 'started', NULL, 1, 'nonce-68', '2026-03-02 13:56:00+00', '2026-03-02 13:56:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (69, 500000000000000000, 29, 'started', NULL, 1, 'nonce-69', '2026-03-02 13:56:00+00', '2026-03-02 13:56:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (70, 400000000000000000, 1, 'reminder', NULL, 0, 'nonce-70', '2026-03-02 14:06:00+00', '2026-03-02 14:06:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (71, 400000000000000000, 3, 'reminder', NULL, 0, 'nonce-71', '2026-03-02 14:06:00+00', '2026-03-02 14:06:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (72, 400000000000000000, 5, 'reminder', NULL, 0, 'nonce-72', '2026-03-02 14:07:00+00', '2026-03-02 14:07:00+00', NULL, 1, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (73, 400000000000000000, 5, 'refresh', NULL, 0, 'nonce-73', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (74, 400000000000000000, 1, 'refresh', NULL, 0, 'nonce-74', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, '2026-03-02 14:08:00+00');
INSERT INTO public.deliveries VALUES (75, 400000000000000000, 3, 'refresh', NULL, 0, 'nonce-75', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (76, 400000000000000000, 26, 'refresh', NULL, 0, 'nonce-76', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (77, 500000000000000000, 4, 'refresh', NULL, 0, 'nonce-77', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (78, 500000000000000000, 2, 'refresh', NULL, 0, 'nonce-78', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (79, 500000000000000000, 2, 'refresh', NULL, 0, 'nonce-79', '2026-03-02 14:08:00+00', '2026-03-02 14:08:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (80, 400000000000000000, 30, 'started', NULL, 2, 'nonce-80', '2026-03-02 14:19:00+00', '2026-03-02 15:21:00+00', NULL, 1, 'Discord didn''t answer in time', NULL);
INSERT INTO public.deliveries VALUES (81, 500000000000000000, 31, 'started', NULL, 2, 'nonce-81', '2026-03-02 14:19:00+00', '2026-03-02 14:19:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (82, 600000000000000000, 32, 'started', NULL, 2, 'nonce-82', '2026-03-02 14:19:00+00', '2026-03-02 14:19:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (83, 700000000000000000, 33, 'started', NULL, 2, 'nonce-83', '2026-03-02 14:19:00+00', '2026-03-02 14:19:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (84, 400000000000000000, 30, 'resolved', NULL, 0, 'nonce-84', '2026-03-02 14:20:00+00', '2026-03-02 14:20:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (85, 500000000000000000, 31, 'resolved', NULL, 0, 'nonce-85', '2026-03-02 14:20:00+00', '2026-03-02 14:20:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (86, 600000000000000000, 32, 'resolved', NULL, 0, 'nonce-86', '2026-03-02 14:20:00+00', '2026-03-02 14:20:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (87, 700000000000000000, 33, 'resolved', NULL, 0, 'nonce-87', '2026-03-02 14:20:00+00', '2026-03-02 14:20:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (88, 400000000000000000, 1, 'resolved', NULL, 0, 'nonce-88', '2026-03-02 14:22:00+00', '2026-03-02 14:22:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (89, 500000000000000000, 2, 'resolved', NULL, 0, 'nonce-89', '2026-03-02 14:22:00+00', '2026-03-02 14:22:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (90, 400000000000000000, 34, 'started', NULL, 3, 'nonce-90', '2026-03-02 14:23:00+00', '2026-03-02 14:23:00+00', '2026-03-02 15:16:45+00', 1, NULL, NULL);
INSERT INTO public.deliveries VALUES (91, 500000000000000000, 35, 'started', NULL, 3, 'nonce-91', '2026-03-02 14:23:00+00', '2026-03-02 14:23:00+00', NULL, 1, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (92, 400000000000000000, 20, 'reminder', NULL, 0, 'nonce-92', '2026-03-02 14:59:00+00', '2026-03-02 14:59:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (93, 400000000000000000, 36, 'started', NULL, 2, 'nonce-93', '2026-03-02 15:01:00+00', '2026-03-02 15:01:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (94, 500000000000000000, 37, 'started', NULL, 2, 'nonce-94', '2026-03-02 15:01:00+00', '2026-03-02 15:01:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (95, 600000000000000000, 38, 'started', NULL, 2, 'nonce-95', '2026-03-02 15:01:00+00', '2026-03-02 15:01:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (96, 700000000000000000, 39, 'started', NULL, 2, 'nonce-96', '2026-03-02 15:01:00+00', '2026-03-02 15:01:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (97, 400000000000000000, 36, 'resolved', NULL, 0, 'nonce-97', '2026-03-02 15:03:00+00', '2026-03-02 15:03:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.deliveries VALUES (98, 500000000000000000, 37, 'resolved', NULL, 0, 'nonce-98', '2026-03-02 15:03:00+00', '2026-03-02 15:03:00+00', NULL, 0, NULL, '2026-03-02 15:16:00+00');
INSERT INTO public.deliveries VALUES (99, 600000000000000000, 38, 'resolved', NULL, 0, 'nonce-99', '2026-03-02 15:03:00+00', '2026-03-02 15:03:00+00', NULL, 0, NULL, NULL);
INSERT INTO public.digests VALUES (400000000000000000, '2026-03-04 06:00:00+00');
INSERT INTO public.digests VALUES (500000000000000000, '2026-03-02 14:16:00+00');
INSERT INTO public.incident_events VALUES (1, 1, '2026-03-02 12:03:00+00', 'started', 111, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (10, 9, '2026-03-02 12:11:00+00', 'started', 12, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (100, 44, '2026-03-02 15:12:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (101, 6, '2026-03-02 15:12:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (102, 49, '2026-03-02 15:12:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (103, 50, '2026-03-02 15:12:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (104, 44, '2026-03-02 15:14:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (105, 6, '2026-03-02 15:14:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (106, 49, '2026-03-02 15:14:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (107, 50, '2026-03-02 15:14:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (108, 51, '2026-03-02 15:27:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (109, 52, '2026-03-02 15:27:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (11, 3, '2026-03-02 12:11:00+00', 'started', 13, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (110, 53, '2026-03-02 15:27:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (111, 54, '2026-03-02 15:27:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (12, 6, '2026-03-02 12:11:00+00', 'changed', 11, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (13, 11, '2026-03-02 12:11:00+00', 'started', 12, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (14, 6, '2026-03-02 12:11:00+00', 'started', 13, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (15, 3, '2026-03-02 12:13:00+00', 'changed', 11, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (16, 9, '2026-03-02 12:13:00+00', 'changed', 12, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (17, 3, '2026-03-02 12:13:00+00', 'changed', 13, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (18, 6, '2026-03-02 12:13:00+00', 'changed', 11, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (19, 11, '2026-03-02 12:13:00+00', 'changed', 12, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (2, 2, '2026-03-02 12:03:00+00', 'started', 111, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (20, 6, '2026-03-02 12:13:00+00', 'changed', 13, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (21, 9, '2026-03-02 12:15:00+00', 'recovered', 12, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (22, 11, '2026-03-02 12:15:00+00', 'recovered', 12, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (23, 13, '2026-03-02 12:17:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (24, 14, '2026-03-02 12:17:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (25, 13, '2026-03-02 12:19:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (26, 14, '2026-03-02 12:19:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (27, 15, '2026-03-02 12:21:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (28, 16, '2026-03-02 12:21:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (29, 15, '2026-03-02 12:23:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (3, 3, '2026-03-02 12:05:00+00', 'started', 222, 'switched_off', 'OFF', NULL, NULL);
INSERT INTO public.incident_events VALUES (30, 16, '2026-03-02 12:23:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (31, 17, '2026-03-02 12:25:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (32, 18, '2026-03-02 12:25:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (33, 17, '2026-03-02 12:27:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (34, 18, '2026-03-02 12:27:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (35, 17, '2026-03-02 12:29:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (36, 19, '2026-03-02 12:29:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (37, 17, '2026-03-02 12:31:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (38, 19, '2026-03-02 12:31:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (39, 20, '2026-03-02 12:33:00+00', 'started', 555, 'not_listed', 'GONE', NULL, NULL);
INSERT INTO public.incident_events VALUES (4, 4, '2026-03-02 12:05:00+00', 'started', 222, 'switched_off', 'OFF', NULL, NULL);
INSERT INTO public.incident_events VALUES (40, 6, '2026-03-02 12:33:00+00', 'started', 555, 'not_listed', 'GONE', NULL, NULL);
INSERT INTO public.incident_events VALUES (41, 22, '2026-03-02 12:36:00+00', 'started', 444, 'low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (42, 23, '2026-03-02 12:36:00+00', 'started', 444, 'low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (43, 22, '2026-03-02 12:38:00+00', 'recovered', 444, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (44, 23, '2026-03-02 12:38:00+00', 'recovered', 444, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (45, 24, '2026-03-02 12:40:00+00', 'started', 666, 'low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (46, 25, '2026-03-02 12:40:00+00', 'started', 666, 'low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (47, 24, '2026-03-02 12:42:00+00', 'changed', 666, 'very_low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (48, 25, '2026-03-02 12:42:00+00', 'changed', 666, 'very_low', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (49, 26, '2026-03-02 12:43:00+00', 'started', 1010, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (5, 5, '2026-03-02 12:07:00+00', 'started', 333, 'unknown_status', 'OTHER', NULL, NULL);
INSERT INTO public.incident_events VALUES (50, 6, '2026-03-02 12:43:00+00', 'started', 1010, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (51, 26, '2026-03-02 12:45:00+00', 'changed', 1010, 'verifying', 'VERIFYING', NULL, NULL);
INSERT INTO public.incident_events VALUES (52, 6, '2026-03-02 12:45:00+00', 'changed', 1010, 'verifying', 'VERIFYING', NULL, NULL);
INSERT INTO public.incident_events VALUES (53, 28, '2026-03-02 13:56:00+00', 'started', 777, 'will_not_last', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (54, 29, '2026-03-02 13:56:00+00', 'started', 777, 'will_not_last', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (55, 5, '2026-03-02 14:08:00+00', 'acknowledged', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (56, 1, '2026-03-02 14:08:00+00', 'acknowledged', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (57, 3, '2026-03-02 14:08:00+00', 'muted', NULL, NULL, NULL, 900000000000000001, '2026-03-02 18:08:00+00');
INSERT INTO public.incident_events VALUES (58, 26, '2026-03-02 14:08:00+00', 'muted', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (59, 4, '2026-03-02 14:08:00+00', 'closed', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (6, 6, '2026-03-02 12:07:00+00', 'started', 333, 'unknown_status', 'OTHER', NULL, NULL);
INSERT INTO public.incident_events VALUES (60, 2, '2026-03-02 14:08:00+00', 'muted', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (61, 2, '2026-03-02 14:08:00+00', 'unmuted', NULL, NULL, NULL, 900000000000000001, NULL);
INSERT INTO public.incident_events VALUES (62, 30, '2026-03-02 14:19:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (63, 31, '2026-03-02 14:19:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (64, 32, '2026-03-02 14:19:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (65, 33, '2026-03-02 14:19:00+00', 'started', NULL, 'no_data', NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (66, 30, '2026-03-02 14:20:00+00', 'recovered', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (67, 31, '2026-03-02 14:20:00+00', 'recovered', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (68, 32, '2026-03-02 14:20:00+00', 'recovered', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (69, 33, '2026-03-02 14:20:00+00', 'recovered', NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (7, 3, '2026-03-02 12:09:00+00', 'started', 11, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (70, 1, '2026-03-02 14:21:00+00', 'recovered', 111, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (71, 2, '2026-03-02 14:21:00+00', 'recovered', 111, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (72, 34, '2026-03-02 14:23:00+00', 'started', 12, 'runs_out_soon', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (73, 35, '2026-03-02 14:23:00+00', 'started', 12, 'runs_out_soon', 'FAST', NULL, NULL);
INSERT INTO public.incident_events VALUES (74, 36, '2026-03-02 15:00:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (75, 37, '2026-03-02 15:00:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (76, 38, '2026-03-02 15:00:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (77, 39, '2026-03-02 15:00:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (78, 36, '2026-03-02 15:02:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (79, 37, '2026-03-02 15:02:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (8, 6, '2026-03-02 12:09:00+00', 'started', 11, 'banned', 'BANNED', NULL, NULL);
INSERT INTO public.incident_events VALUES (80, 38, '2026-03-02 15:02:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (81, 39, '2026-03-02 15:02:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (82, 40, '2026-03-02 15:04:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (83, 41, '2026-03-02 15:04:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (84, 42, '2026-03-02 15:04:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (85, 43, '2026-03-02 15:04:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (86, 40, '2026-03-02 15:06:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (87, 41, '2026-03-02 15:06:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (88, 42, '2026-03-02 15:06:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (89, 43, '2026-03-02 15:06:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (9, 3, '2026-03-02 12:11:00+00', 'changed', 11, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (90, 28, '2026-03-02 15:08:00+00', 'recovered', 777, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (91, 29, '2026-03-02 15:08:00+00', 'recovered', 777, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (92, 44, '2026-03-02 15:08:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (93, 45, '2026-03-02 15:08:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (94, 46, '2026-03-02 15:08:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (95, 47, '2026-03-02 15:08:00+00', 'started', 888, 'left_fast', 'RELAX', NULL, NULL);
INSERT INTO public.incident_events VALUES (96, 44, '2026-03-02 15:10:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (97, 45, '2026-03-02 15:10:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (98, 46, '2026-03-02 15:10:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incident_events VALUES (99, 47, '2026-03-02 15:10:00+00', 'recovered', 888, NULL, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (1, 400000000000000000, 'mode', '[{"token_id": 111, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:03:00Z", "resolved_at": "2026-03-02T14:21:00Z"}]', NULL, false, '2026-03-02 12:03:00+00', '2026-03-02 14:21:00+00', 900000000000000001, '2026-03-02 14:08:00+00', NULL, NULL, 2, NULL, 400000000000000001, 1000000000000000001);
INSERT INTO public.incidents VALUES (11, 500000000000000000, 'mode', '[{"token_id": 12, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:11:00Z", "resolved_at": "2026-03-02T12:15:00Z"}]', NULL, false, '2026-03-02 12:11:00+00', '2026-03-02 12:15:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (13, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:17:00Z", "resolved_at": "2026-03-02T12:19:00Z"}]', NULL, false, '2026-03-02 12:17:00+00', '2026-03-02 12:19:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (14, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:17:00Z", "resolved_at": "2026-03-02T12:19:00Z"}]', NULL, false, '2026-03-02 12:17:00+00', '2026-03-02 12:19:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (15, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:21:00Z", "resolved_at": "2026-03-02T12:23:00Z"}]', NULL, false, '2026-03-02 12:21:00+00', '2026-03-02 12:23:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (16, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:21:00Z", "resolved_at": "2026-03-02T12:23:00Z"}]', NULL, false, '2026-03-02 12:21:00+00', '2026-03-02 12:23:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (17, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:29:00Z", "resolved_at": "2026-03-02T12:31:00Z", "times": 2, "earlier": "PT2M"}]', NULL, true, '2026-03-02 12:25:00+00', '2026-03-02 13:36:00+00', NULL, NULL, NULL, NULL, 0, NULL, 400000000000000001, 1000000000000000017);
INSERT INTO public.incidents VALUES (18, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:25:00Z", "resolved_at": "2026-03-02T12:27:00Z"}]', NULL, false, '2026-03-02 12:25:00+00', '2026-03-02 12:27:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (19, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:29:00Z", "resolved_at": "2026-03-02T12:31:00Z"}]', NULL, true, '2026-03-02 12:29:00+00', '2026-03-02 13:06:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (2, 500000000000000000, 'mode', '[{"token_id": 111, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T12:03:00Z", "resolved_at": "2026-03-02T14:21:00Z"}]', NULL, false, '2026-03-02 12:03:00+00', '2026-03-02 14:21:00+00', NULL, NULL, NULL, NULL, 1, NULL, 500000000000000001, 1000000000000000002);
INSERT INTO public.incidents VALUES (20, 400000000000000000, 'mode', '[{"token_id": 555, "kind": "not_listed", "worst": "not_listed", "mode_before": "FAST", "mode": "GONE", "started_at": "2026-03-02T12:33:00Z"}]', NULL, false, '2026-03-02 12:33:00+00', NULL, NULL, NULL, NULL, NULL, 2, NULL, 400000000000000001, 1000000000000000020);
INSERT INTO public.incidents VALUES (22, 400000000000000000, 'low_fast_time', '[{"token_id": 444, "kind": "low", "worst": "low", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T12:36:00Z", "resolved_at": "2026-03-02T12:38:00Z"}]', NULL, false, '2026-03-02 12:36:00+00', '2026-03-02 12:38:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (23, 500000000000000000, 'low_fast_time', '[{"token_id": 444, "kind": "low", "worst": "low", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T12:36:00Z", "resolved_at": "2026-03-02T12:38:00Z"}]', NULL, false, '2026-03-02 12:36:00+00', '2026-03-02 12:38:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (24, 400000000000000000, 'low_fast_time', '[{"token_id": 666, "kind": "very_low", "worst": "very_low", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T12:40:00Z"}]', NULL, false, '2026-03-02 12:40:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, 400000000000000001, 1000000000000000024);
INSERT INTO public.incidents VALUES (25, 500000000000000000, 'low_fast_time', '[{"token_id": 666, "kind": "very_low", "worst": "very_low", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T12:40:00Z"}]', NULL, false, '2026-03-02 12:40:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (26, 400000000000000000, 'mode', '[{"token_id": 1010, "kind": "verifying", "worst": "verifying", "mode_before": "FAST", "mode": "VERIFYING", "started_at": "2026-03-02T12:43:00Z"}]', 1010, false, '2026-03-02 12:43:00+00', NULL, NULL, NULL, 900000000000000002, NULL, 1, NULL, 400000000000001010, 1000000000000000026);
INSERT INTO public.incidents VALUES (28, 400000000000000000, 'run_out', '[{"token_id": 777, "kind": "will_not_last", "worst": "will_not_last", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T13:56:00Z", "resolved_at": "2026-03-02T15:08:00Z", "gone_at": "2026-03-02T15:46:00Z"}]', NULL, false, '2026-03-02 13:56:00+00', '2026-03-02 15:08:00+00', NULL, NULL, NULL, NULL, 0, NULL, 400000000000000001, 1000000000000000028);
INSERT INTO public.incidents VALUES (29, 500000000000000000, 'run_out', '[{"token_id": 777, "kind": "will_not_last", "worst": "will_not_last", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T13:56:00Z", "resolved_at": "2026-03-02T15:08:00Z", "gone_at": "2026-03-02T15:46:00Z"}]', NULL, false, '2026-03-02 13:56:00+00', '2026-03-02 15:08:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (3, 400000000000000000, 'mode', '[{"token_id": 222, "kind": "switched_off", "worst": "switched_off", "mode_before": "FAST", "mode": "OFF", "started_at": "2026-03-02T12:05:00Z", "switched_off_by": 900000000000000001}, {"token_id": 11, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:09:00Z"}, {"token_id": 13, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:11:00Z"}]', NULL, false, '2026-03-02 12:05:00+00', NULL, NULL, NULL, 900000000000000001, '2026-03-02 18:08:00+00', 2, NULL, 400000000000000001, 1000000000000000003);
INSERT INTO public.incidents VALUES (30, 400000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 14:08:00+00', '2026-03-02 14:20:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (31, 500000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 14:08:00+00', '2026-03-02 14:20:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (32, 600000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 14:08:00+00', '2026-03-02 14:20:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (33, 700000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 14:08:00+00', '2026-03-02 14:20:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (34, 400000000000000000, 'run_out', '[{"token_id": 12, "kind": "runs_out_soon", "worst": "runs_out_soon", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T14:23:00Z", "gone_at": "2026-03-02T15:46:00Z"}]', NULL, false, '2026-03-02 14:23:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (35, 500000000000000000, 'run_out', '[{"token_id": 12, "kind": "runs_out_soon", "worst": "runs_out_soon", "mode_before": "FAST", "mode": "FAST", "started_at": "2026-03-02T14:23:00Z", "gone_at": "2026-03-02T15:46:00Z"}]', NULL, false, '2026-03-02 14:23:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, 500000000000000001, 1000000000000000035);
INSERT INTO public.incidents VALUES (36, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:00:00Z", "resolved_at": "2026-03-02T15:02:00Z"}]', NULL, false, '2026-03-02 15:00:00+00', '2026-03-02 15:02:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (37, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:00:00Z", "resolved_at": "2026-03-02T15:02:00Z"}]', NULL, false, '2026-03-02 15:00:00+00', '2026-03-02 15:02:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (38, 600000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:00:00Z", "resolved_at": "2026-03-02T15:02:00Z"}]', NULL, false, '2026-03-02 15:00:00+00', '2026-03-02 15:02:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (39, 700000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:00:00Z", "resolved_at": "2026-03-02T15:02:00Z"}]', NULL, false, '2026-03-02 15:00:00+00', '2026-03-02 15:02:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (4, 500000000000000000, 'mode', '[{"token_id": 222, "kind": "switched_off", "worst": "switched_off", "mode_before": "FAST", "mode": "OFF", "started_at": "2026-03-02T12:05:00Z", "switched_off_by": 900000000000000001}]', NULL, false, '2026-03-02 12:05:00+00', '2026-03-02 14:08:00+00', NULL, NULL, NULL, NULL, 0, 900000000000000001, NULL, NULL);
INSERT INTO public.incidents VALUES (40, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:04:00Z", "resolved_at": "2026-03-02T15:06:00Z"}]', NULL, false, '2026-03-02 15:04:00+00', '2026-03-02 15:06:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (41, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:04:00Z", "resolved_at": "2026-03-02T15:06:00Z"}]', NULL, false, '2026-03-02 15:04:00+00', '2026-03-02 15:06:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (42, 600000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:04:00Z", "resolved_at": "2026-03-02T15:06:00Z"}]', NULL, false, '2026-03-02 15:04:00+00', '2026-03-02 15:06:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (43, 700000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:04:00Z", "resolved_at": "2026-03-02T15:06:00Z"}]', NULL, false, '2026-03-02 15:04:00+00', '2026-03-02 15:06:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (44, 400000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:12:00Z", "resolved_at": "2026-03-02T15:14:00Z", "times": 2, "earlier": "PT2M"}]', NULL, true, '2026-03-02 15:08:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (45, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:08:00Z", "resolved_at": "2026-03-02T15:10:00Z"}]', NULL, false, '2026-03-02 15:08:00+00', '2026-03-02 15:10:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (46, 600000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:08:00Z", "resolved_at": "2026-03-02T15:10:00Z"}]', NULL, false, '2026-03-02 15:08:00+00', '2026-03-02 15:10:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (47, 700000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:08:00Z", "resolved_at": "2026-03-02T15:10:00Z"}]', NULL, false, '2026-03-02 15:08:00+00', '2026-03-02 15:10:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (49, 600000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:12:00Z", "resolved_at": "2026-03-02T15:14:00Z"}]', NULL, true, '2026-03-02 15:12:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (5, 400000000000000000, 'mode', '[{"token_id": 333, "kind": "unknown_status", "worst": "unknown_status", "mode_before": "FAST", "mode": "OTHER", "started_at": "2026-03-02T12:07:00Z"}]', 333, false, '2026-03-02 12:07:00+00', NULL, 900000000000000001, '2026-03-02 14:08:00+00', NULL, NULL, 2, NULL, 400000000000000333, 1000000000000000005);
INSERT INTO public.incidents VALUES (50, 700000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:12:00Z", "resolved_at": "2026-03-02T15:14:00Z"}]', NULL, true, '2026-03-02 15:12:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (51, 400000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 15:16:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (52, 500000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 15:16:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (53, 600000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 15:16:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (54, 700000000000000000, 'no_data', '[]', NULL, false, '2026-03-02 15:16:00+00', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.incidents VALUES (6, 500000000000000000, 'mode', '[{"token_id": 888, "kind": "left_fast", "worst": "left_fast", "mode_before": "FAST", "mode": "RELAX", "started_at": "2026-03-02T15:12:00Z", "resolved_at": "2026-03-02T15:14:00Z"}, {"token_id": 333, "kind": "unknown_status", "worst": "unknown_status", "mode_before": "FAST", "mode": "OTHER", "started_at": "2026-03-02T12:07:00Z"}, {"token_id": 11, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:09:00Z"}, {"token_id": 13, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:11:00Z"}, {"token_id": 555, "kind": "not_listed", "worst": "not_listed", "mode_before": "FAST", "mode": "GONE", "started_at": "2026-03-02T12:33:00Z"}, {"token_id": 1010, "kind": "verifying", "worst": "verifying", "mode_before": "FAST", "mode": "VERIFYING", "started_at": "2026-03-02T12:43:00Z"}]', NULL, true, '2026-03-02 12:07:00+00', NULL, NULL, NULL, NULL, NULL, 1, NULL, 500000000000000001, 1000000000000000006);
INSERT INTO public.incidents VALUES (9, 400000000000000000, 'mode', '[{"token_id": 12, "kind": "banned", "worst": "banned", "mode_before": "FAST", "mode": "BANNED", "started_at": "2026-03-02T12:11:00Z", "resolved_at": "2026-03-02T12:15:00Z"}]', NULL, false, '2026-03-02 12:11:00+00', '2026-03-02 12:15:00+00', NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL);
INSERT INTO public.leases VALUES ('rounds of account 1', 'a holder', '2026-03-02 15:17:00+00');
INSERT INTO public.mutes VALUES (1, 400000000000000000, 111, '2026-03-02 16:16:00+00', 'they''re repaired; wait', 900000000000000001, '2026-03-02 15:16:00+00');
INSERT INTO public.mutes VALUES (2, 500000000000000000, NULL, '2026-03-02 17:16:00+00', '', 900000000000000002, '2026-03-02 15:16:00+00');
INSERT INTO public.mutes VALUES (3, 500000000000000000, 222, '2026-03-02 14:16:00+00', 'over', 900000000000000002, '2026-03-02 13:16:00+00');
INSERT INTO public.samples VALUES (1, 1010, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 1010, 1772455380000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 1010, 1772455500000, 'VERIFYING', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 1010, 1772459160000, 'VERIFYING', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 1010, 1772463540000, 'VERIFYING', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772453340000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772453460000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772453580000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772457360000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 11, 1772461200000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 111, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 111, 1772452980000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 111, 1772456760000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 111, 1772461260000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772453460000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772453580000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772453700000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772457360000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 12, 1772461200000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 13, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 13, 1772453460000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 13, 1772453580000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 13, 1772457360000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 13, 1772461200000, 'BANNED', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 222, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 222, 1772453100000, 'OFF', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 222, 1772456760000, 'OFF', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 222, 1772460360000, 'OFF', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 222, 1772463960000, 'OFF', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 333, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 333, 1772453220000, 'OTHER', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 333, 1772457360000, 'OTHER', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 333, 1772461200000, 'OTHER', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 444, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 444, 1772454900000, 'FAST', 10800000, 54000000);
INSERT INTO public.samples VALUES (1, 444, 1772455020000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 444, 1772459160000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 444, 1772463540000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 555, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 555, 1772454780000, 'GONE', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 666, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 666, 1772455140000, 'FAST', 10800000, 54000000);
INSERT INTO public.samples VALUES (1, 666, 1772455260000, 'FAST', 1800000, 54000000);
INSERT INTO public.samples VALUES (1, 666, 1772459160000, 'FAST', 1800000, 54000000);
INSERT INTO public.samples VALUES (1, 666, 1772463540000, 'FAST', 1800000, 54000000);
INSERT INTO public.samples VALUES (1, 777, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 777, 1772456160000, 'FAST', 16200000, 54000000);
INSERT INTO public.samples VALUES (1, 777, 1772459760000, 'FAST', 16200000, 54000000);
INSERT INTO public.samples VALUES (1, 777, 1772463540000, 'FAST', 16200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772453820000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772453940000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454060000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454180000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454300000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454420000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454540000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772454660000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772458560000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772463540000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772463600000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772463720000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772463840000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772463960000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772464080000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772464200000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772464320000, 'RELAX', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 888, 1772464440000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 999, 1772452860000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 999, 1772456760000, 'FAST', 43200000, 54000000);
INSERT INTO public.samples VALUES (1, 999, 1772460360000, 'FAST', 43200000, 54000000);
INSERT INTO public.server_settings VALUES (400000000000000000, 400000000000000003, '{"low": 25, "reminders": ["PT30M", "PT2H"], "no_data_after": "PT10M", "flapping_after": 2, "flapping_within": "PT2H", "digest": "daily", "digest_hour": 7, "time_zone": "Europe/Berlin"}');
INSERT INTO public.server_settings VALUES (500000000000000000, 500000000000000003, '{}');
INSERT INTO public.token_names VALUES (400000000000000000, 111, 'Anna''s', 900000000000000001, '2026-03-02 15:16:00+00');
INSERT INTO public.token_names VALUES (400000000000000000, 222, 'Zoë; 🐱', 900000000000000001, '2026-03-02 15:16:00+00');
INSERT INTO public.token_names VALUES (500000000000000000, 111, 'Bob', 900000000000000001, '2026-03-02 15:16:00+00');
INSERT INTO public.token_routes VALUES (400000000000000000, 1010, 400000000000001010, NULL, 900000000000000002, '2026-03-02 12:00:00+00', NULL);
INSERT INTO public.token_routes VALUES (400000000000000000, 333, 400000000000000333, NULL, 900000000000000002, '2026-03-02 12:00:00+00', 'unknown_channel');
INSERT INTO public.token_states VALUES (400000000000000000, 1010, '{"token_id": 1010, "mode": "VERIFYING", "since": "2026-03-02T12:45:00Z", "incident_since": "2026-03-02T12:43:00Z", "recent_starts": ["2026-03-02T12:43:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 11, '{"token_id": 11, "mode": "BANNED", "since": "2026-03-02T12:13:00Z", "incident_since": "2026-03-02T12:09:00Z", "recent_starts": ["2026-03-02T12:09:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 111, '{"token_id": 111, "mode": "FAST", "since": "2026-03-02T14:21:00Z", "recent_starts": ["2026-03-02T12:03:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 12, '{"token_id": 12, "mode": "FAST", "since": "2026-03-02T12:15:00Z", "recent_starts": ["2026-03-02T12:11:00Z"], "outlook": "runs_out_soon", "sufficient_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (400000000000000000, 13, '{"token_id": 13, "mode": "BANNED", "since": "2026-03-02T12:13:00Z", "incident_since": "2026-03-02T12:11:00Z", "recent_starts": ["2026-03-02T12:11:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 222, '{"token_id": 222, "mode": "OFF", "since": "2026-03-02T12:05:00Z", "incident_since": "2026-03-02T12:05:00Z", "recent_starts": ["2026-03-02T12:05:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 333, '{"token_id": 333, "mode": "OTHER", "since": "2026-03-02T12:07:00Z", "incident_since": "2026-03-02T12:07:00Z", "recent_starts": ["2026-03-02T12:07:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 444, '{"token_id": 444, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "pending": {"mode": "RELAX", "since": "2026-03-02T15:16:00Z", "readings": 1}}');
INSERT INTO public.token_states VALUES (400000000000000000, 555, '{"token_id": 555, "mode": "GONE", "since": "2026-03-02T12:33:00Z", "incident_since": "2026-03-02T12:33:00Z", "recent_starts": ["2026-03-02T12:33:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 666, '{"token_id": 666, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "low": "very_low"}');
INSERT INTO public.token_states VALUES (400000000000000000, 777, '{"token_id": 777, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "shortfall_since": "2026-03-02T15:16:00Z", "imminent_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (400000000000000000, 888, '{"token_id": 888, "mode": "FAST", "since": "2026-03-02T15:14:00Z", "recent_starts": ["2026-03-02T15:04:00Z", "2026-03-02T15:08:00Z", "2026-03-02T15:12:00Z"]}');
INSERT INTO public.token_states VALUES (400000000000000000, 999, '{"token_id": 999, "mode": "FAST", "since": "2026-03-02T12:01:00Z"}');
INSERT INTO public.token_states VALUES (500000000000000000, 1010, '{"token_id": 1010, "mode": "VERIFYING", "since": "2026-03-02T12:45:00Z", "incident_since": "2026-03-02T12:43:00Z", "recent_starts": ["2026-03-02T12:43:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 11, '{"token_id": 11, "mode": "BANNED", "since": "2026-03-02T12:13:00Z", "incident_since": "2026-03-02T12:09:00Z", "recent_starts": ["2026-03-02T12:09:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 111, '{"token_id": 111, "mode": "FAST", "since": "2026-03-02T14:21:00Z", "recent_starts": ["2026-03-02T12:03:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 12, '{"token_id": 12, "mode": "FAST", "since": "2026-03-02T12:15:00Z", "recent_starts": ["2026-03-02T12:11:00Z"], "outlook": "runs_out_soon", "sufficient_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (500000000000000000, 13, '{"token_id": 13, "mode": "BANNED", "since": "2026-03-02T12:13:00Z", "incident_since": "2026-03-02T12:11:00Z", "recent_starts": ["2026-03-02T12:11:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 222, '{"token_id": 222, "mode": "OFF", "since": "2026-03-02T12:05:00Z", "incident_since": "2026-03-02T12:05:00Z", "recent_starts": ["2026-03-02T12:05:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 333, '{"token_id": 333, "mode": "OTHER", "since": "2026-03-02T12:07:00Z", "incident_since": "2026-03-02T12:07:00Z", "recent_starts": ["2026-03-02T12:07:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 444, '{"token_id": 444, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "pending": {"mode": "RELAX", "since": "2026-03-02T15:16:00Z", "readings": 1}}');
INSERT INTO public.token_states VALUES (500000000000000000, 555, '{"token_id": 555, "mode": "GONE", "since": "2026-03-02T12:33:00Z", "incident_since": "2026-03-02T12:33:00Z", "recent_starts": ["2026-03-02T12:33:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 666, '{"token_id": 666, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "low": "very_low"}');
INSERT INTO public.token_states VALUES (500000000000000000, 777, '{"token_id": 777, "mode": "FAST", "since": "2026-03-02T12:01:00Z", "shortfall_since": "2026-03-02T15:16:00Z", "imminent_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (500000000000000000, 888, '{"token_id": 888, "mode": "FAST", "since": "2026-03-02T15:14:00Z", "recent_starts": ["2026-03-02T15:00:00Z", "2026-03-02T15:04:00Z", "2026-03-02T15:08:00Z", "2026-03-02T15:12:00Z"]}');
INSERT INTO public.token_states VALUES (500000000000000000, 999, '{"token_id": 999, "mode": "FAST", "since": "2026-03-02T12:01:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 1010, '{"token_id": 1010, "mode": "VERIFYING", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 11, '{"token_id": 11, "mode": "BANNED", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 111, '{"token_id": 111, "mode": "FAST", "since": "2026-03-02T14:21:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 12, '{"token_id": 12, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "outlook": "runs_out_soon", "sufficient_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 13, '{"token_id": 13, "mode": "BANNED", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 222, '{"token_id": 222, "mode": "OFF", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 333, '{"token_id": 333, "mode": "OTHER", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 444, '{"token_id": 444, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "pending": {"mode": "RELAX", "since": "2026-03-02T15:16:00Z", "readings": 1}}');
INSERT INTO public.token_states VALUES (600000000000000000, 555, '{"token_id": 555, "mode": "GONE", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 666, '{"token_id": 666, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "low": "very_low"}');
INSERT INTO public.token_states VALUES (600000000000000000, 777, '{"token_id": 777, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "shortfall_since": "2026-03-02T15:16:00Z", "imminent_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (600000000000000000, 888, '{"token_id": 888, "mode": "FAST", "since": "2026-03-02T15:14:00Z", "recent_starts": ["2026-03-02T15:00:00Z", "2026-03-02T15:04:00Z", "2026-03-02T15:08:00Z", "2026-03-02T15:12:00Z"]}');
INSERT INTO public.token_states VALUES (600000000000000000, 999, '{"token_id": 999, "mode": "FAST", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 1010, '{"token_id": 1010, "mode": "VERIFYING", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 11, '{"token_id": 11, "mode": "BANNED", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 111, '{"token_id": 111, "mode": "FAST", "since": "2026-03-02T14:21:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 12, '{"token_id": 12, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "outlook": "runs_out_soon", "sufficient_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 13, '{"token_id": 13, "mode": "BANNED", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 222, '{"token_id": 222, "mode": "OFF", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 333, '{"token_id": 333, "mode": "OTHER", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 444, '{"token_id": 444, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "pending": {"mode": "RELAX", "since": "2026-03-02T15:16:00Z", "readings": 1}}');
INSERT INTO public.token_states VALUES (700000000000000000, 555, '{"token_id": 555, "mode": "GONE", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 666, '{"token_id": 666, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "low": "very_low"}');
INSERT INTO public.token_states VALUES (700000000000000000, 777, '{"token_id": 777, "mode": "FAST", "since": "2026-03-02T14:20:00Z", "shortfall_since": "2026-03-02T15:16:00Z", "imminent_since": "2026-03-02T15:16:00Z"}');
INSERT INTO public.token_states VALUES (700000000000000000, 888, '{"token_id": 888, "mode": "FAST", "since": "2026-03-02T15:14:00Z", "recent_starts": ["2026-03-02T15:00:00Z", "2026-03-02T15:04:00Z", "2026-03-02T15:08:00Z", "2026-03-02T15:12:00Z"]}');
INSERT INTO public.token_states VALUES (700000000000000000, 999, '{"token_id": 999, "mode": "FAST", "since": "2026-03-02T14:20:00Z"}');
INSERT INTO public.tokens VALUES (1, 1010, '{"token_id":1010,"read_at":"2026-03-02T14:59:00Z","status":"VERIFYING","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:59:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 11, '{"token_id":11,"read_at":"2026-03-02T14:20:00Z","status":"BANNED","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:20:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 111, '{"token_id":111,"read_at":"2026-03-02T14:21:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:21:00+00', NULL, '2026-03-04 15:00:00+00');
INSERT INTO public.tokens VALUES (1, 12, '{"token_id":12,"read_at":"2026-03-02T14:20:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:20:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 13, '{"token_id":13,"read_at":"2026-03-02T14:20:00Z","status":"BANNED","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:20:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 222, '{"token_id":222,"read_at":"2026-03-02T15:06:00Z","status":"FAST","is_active":false,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 15:06:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 333, '{"token_id":333,"read_at":"2026-03-02T14:20:00Z","status":"Turbo?","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:20:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 444, '{"token_id":444,"read_at":"2026-03-02T14:59:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:59:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 555, '{"token_id":555,"read_at":"2026-03-02T12:33:00Z","status":"FAST","is_active":true,"listed":false,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 12:33:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 666, '{"token_id":666,"read_at":"2026-03-02T14:59:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT30M","total":"PT15H","unit":"hours"},"fast_time_text":"0.50/15.0 hours (3.33%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:59:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 777, '{"token_id":777,"read_at":"2026-03-02T14:59:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT4H30M","total":"PT15H","unit":"hours"},"fast_time_text":"4.50/15.0 hours (30.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:59:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 888, '{"token_id":888,"read_at":"2026-03-02T15:14:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 15:14:00+00', NULL, NULL);
INSERT INTO public.tokens VALUES (1, 999, '{"token_id":999,"read_at":"2026-03-02T14:06:00Z","status":"FAST","is_active":true,"fast_time":{"left":"PT12H","total":"PT15H","unit":"hours"},"fast_time_text":"12.00/15.0 hours (80.00%)","remark":"it''s <b>fine</b>; 100 %"}', true, '2026-03-02 14:06:00+00', '2026-03-02 14:22:00+00', NULL);
INSERT INTO public.traces VALUES (400000000000000000, '00000000-0000-0000-0000-000000000003', 111, '2026-03-02 15:13:00+00');
INSERT INTO public.traces VALUES (400000000000000000, '00000000-0000-0000-0000-000000000004', 111, '2026-03-02 15:12:00+00');
INSERT INTO public.watches VALUES (1, '00000000-0000-0000-0000-000000000001', NULL, 400000000000000000, 900000000000000001, '2026-03-02 15:16:00+00', NULL);
INSERT INTO public.watches VALUES (1, '00000000-0000-0000-0000-000000000002', 111, 500000000000000000, 900000000000000001, '2026-03-02 15:16:00+00', 'NoTokenYet: it waits');
SELECT pg_catalog.setval('public.accounts_id_seq', 2, true);
SELECT pg_catalog.setval('public.audit_id_seq', 24, true);
SELECT pg_catalog.setval('public.deliveries_id_seq', 134, true);
SELECT pg_catalog.setval('public.incident_events_id_seq', 111, true);
SELECT pg_catalog.setval('public.incidents_id_seq', 54, true);
SELECT pg_catalog.setval('public.mutes_id_seq', 3, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (id);
ALTER TABLE ONLY public.alert_routes
    ADD CONSTRAINT pk_alert_routes PRIMARY KEY (server_id);
ALTER TABLE ONLY public.app_state
    ADD CONSTRAINT pk_app_state PRIMARY KEY (name);
ALTER TABLE ONLY public.audit
    ADD CONSTRAINT pk_audit PRIMARY KEY (id);
ALTER TABLE ONLY public.boards
    ADD CONSTRAINT pk_boards PRIMARY KEY (server_id);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT pk_deliveries PRIMARY KEY (id);
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT pk_digests PRIMARY KEY (server_id);
ALTER TABLE ONLY public.incident_events
    ADD CONSTRAINT pk_incident_events PRIMARY KEY (id);
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT pk_incidents PRIMARY KEY (id);
ALTER TABLE ONLY public.leases
    ADD CONSTRAINT pk_leases PRIMARY KEY (name);
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT pk_mutes PRIMARY KEY (id);
ALTER TABLE ONLY public.samples
    ADD CONSTRAINT pk_samples PRIMARY KEY (account_id, token_id, read_at);
ALTER TABLE ONLY public.server_settings
    ADD CONSTRAINT pk_server_settings PRIMARY KEY (server_id);
ALTER TABLE ONLY public.token_names
    ADD CONSTRAINT pk_token_names PRIMARY KEY (server_id, token_id);
ALTER TABLE ONLY public.token_routes
    ADD CONSTRAINT pk_token_routes PRIMARY KEY (server_id, token_id);
ALTER TABLE ONLY public.token_states
    ADD CONSTRAINT pk_token_states PRIMARY KEY (server_id, token_id);
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT pk_tokens PRIMARY KEY (account_id, token_id);
ALTER TABLE ONLY public.traces
    ADD CONSTRAINT pk_traces PRIMARY KEY (server_id, message_id);
ALTER TABLE ONLY public.watches
    ADD CONSTRAINT pk_watches PRIMARY KEY (account_id, message_id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT uq_accounts_name UNIQUE (name);
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT uq_deliveries_nonce UNIQUE (nonce);
CREATE INDEX ix_audit_server_id_at ON public.audit USING btree (server_id, at);
CREATE INDEX ix_deliveries_incident_id ON public.deliveries USING btree (incident_id);
CREATE INDEX ix_deliveries_server_id_next_attempt_at ON public.deliveries USING btree (server_id, next_attempt_at) WHERE (delivered_at IS NULL);
CREATE INDEX ix_incident_events_incident_id ON public.incident_events USING btree (incident_id);
CREATE INDEX ix_incidents_server_id ON public.incidents USING btree (server_id) WHERE (resolved_at IS NULL);
CREATE INDEX ix_mutes_server_id ON public.mutes USING btree (server_id);
CREATE INDEX ix_traces_server_id_traced_at ON public.traces USING btree (server_id, traced_at);
ALTER TABLE ONLY public.alert_routes
    ADD CONSTRAINT fk_alert_routes_account_id_accounts FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.boards
    ADD CONSTRAINT fk_boards_account_id_accounts FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES public.incidents(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT fk_deliveries_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT fk_digests_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.incident_events
    ADD CONSTRAINT fk_incident_events_incident_id_incidents FOREIGN KEY (incident_id) REFERENCES public.incidents(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT fk_incidents_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.mutes
    ADD CONSTRAINT fk_mutes_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.samples
    ADD CONSTRAINT fk_samples_token FOREIGN KEY (account_id, token_id) REFERENCES public.tokens(account_id, token_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.token_routes
    ADD CONSTRAINT fk_token_routes_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.token_states
    ADD CONSTRAINT fk_token_states_server_id_alert_routes FOREIGN KEY (server_id) REFERENCES public.alert_routes(server_id) ON DELETE CASCADE;
ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT fk_tokens_account_id_accounts FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.watches
    ADD CONSTRAINT fk_watches_account_id_accounts FOREIGN KEY (account_id) REFERENCES public.accounts(id) ON DELETE CASCADE;
