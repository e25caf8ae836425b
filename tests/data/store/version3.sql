BEGIN TRANSACTION;
CREATE TABLE accounts (
	id INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	device_id VARCHAR, 
	secret VARCHAR NOT NULL, 
	scheme VARCHAR NOT NULL, 
	server_secret VARCHAR, 
	nonce_c2s BLOB NOT NULL, 
	previous_nonce_c2s BLOB, 
	nonce_s2c BLOB NOT NULL, 
	username VARCHAR NOT NULL, 
	device_type VARCHAR NOT NULL, 
	request_version VARCHAR NOT NULL, 
	certificate_serial VARCHAR, 
	enrolled VARCHAR, 
	last_session VARCHAR, 
	profile VARCHAR DEFAULT '' NOT NULL, 
	auth_policy VARCHAR DEFAULT '' NOT NULL, 
	ent_dmid VARCHAR DEFAULT '' NOT NULL, 
	reported_device_id VARCHAR DEFAULT '' NOT NULL, 
	hardware_id VARCHAR DEFAULT '' NOT NULL, 
	certificate_store VARCHAR DEFAULT '' NOT NULL, 
	previous_serial VARCHAR, 
	status VARCHAR DEFAULT 'enrolled' NOT NULL, 
	unenrolling_since VARCHAR, 
	unenrolled VARCHAR, 
	PRIMARY KEY (id), 
	UNIQUE (name, device_id)
);
INSERT INTO "accounts" VALUES(1,'DEVICE-1','dev','s','md5','t',X'00FF',NULL,X'01','demo@example.test','','','1','2026-11-23T12:00:00+00:00',NULL,'','','','','','',NULL,'enrolled',NULL,NULL);
INSERT INTO "accounts" VALUES(2,'DEVICE-2',NULL,'s','md5','t',X'00FF',NULL,X'01','demo@example.test','','','2','2026-11-23T12:00:00+00:00',NULL,'','','','','','',NULL,'enrolled',NULL,NULL);
INSERT INTO "accounts" VALUES(3,'dummy','other','x','basic',NULL,X'',NULL,X'','','','',NULL,NULL,NULL,'','','','','','',NULL,'enrolled',NULL,NULL);
CREATE TABLE certificates (
	serial VARCHAR NOT NULL, 
	subject_cn VARCHAR NOT NULL, 
	thumbprint VARCHAR NOT NULL, 
	der BLOB NOT NULL, 
	spki_sha256 VARCHAR NOT NULL, 
	issued VARCHAR NOT NULL, 
	not_after VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	issuer_thumbprint VARCHAR NOT NULL, 
	superseded_by VARCHAR, 
	revoked VARCHAR, 
	PRIMARY KEY (serial), 
	UNIQUE (thumbprint)
);
INSERT INTO "certificates" VALUES('1','DEVICE-1','T1',X'3000','k1','2026-11-23T12:00:00+00:00','2026-11-24T12:00:00+00:00','DEVICE-1','',NULL,NULL);
INSERT INTO "certificates" VALUES('2','DEVICE-2','T2',X'3000','k2','2026-11-23T12:00:00+00:00','2026-11-24T12:00:00+00:00','DEVICE-2','',NULL,NULL);
CREATE TABLE command_statuses (
	id INTEGER NOT NULL, 
	device_id VARCHAR NOT NULL, 
	session_id VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	command VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "command_statuses" VALUES(1,'dev','1A','./A','Get','404','2026-11-23T12:00:00+00:00');
CREATE TABLE discoveries (
	"key" VARCHAR NOT NULL, 
	email_address VARCHAR NOT NULL, 
	request_version VARCHAR NOT NULL, 
	device_type VARCHAR NOT NULL, 
	seen VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE inventory (
	device_id VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	format VARCHAR NOT NULL, 
	read VARCHAR, 
	PRIMARY KEY (device_id, uri)
);
INSERT INTO "inventory" VALUES('dev','./DevInfo/Man','NOKIA','chr','2026-11-23T12:00:00+00:00');
CREATE TABLE queue (
	id INTEGER NOT NULL, 
	account VARCHAR NOT NULL, 
	device_id VARCHAR, 
	recipe VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	outcome VARCHAR NOT NULL, 
	queued VARCHAR NOT NULL, 
	sent VARCHAR, 
	PRIMARY KEY (id)
);
INSERT INTO "queue" VALUES(1,'DEVICE-1','dev','unenroll','queued',0,'','2026-11-23T12:00:00+00:00',NULL);
CREATE TABLE renewals (
	digest VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	signer VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE sessions (
	device_id VARCHAR NOT NULL, 
	session_id VARCHAR NOT NULL, 
	account VARCHAR, 
	is_client_authenticated BOOLEAN NOT NULL, 
	is_server_authenticated BOOLEAN NOT NULL, 
	challenge_nonce BLOB, 
	server_nonce_now BLOB, 
	server_retries INTEGER NOT NULL, 
	server_msg_id INTEGER NOT NULL, 
	is_closed BOOLEAN NOT NULL, 
	pending VARCHAR NOT NULL, 
	last_request_digest VARCHAR NOT NULL, 
	last_response BLOB NOT NULL, 
	started VARCHAR, 
	updated VARCHAR, 
	PRIMARY KEY (device_id, session_id)
);
INSERT INTO "sessions" VALUES('dev','1A',NULL,0,0,NULL,NULL,0,0,0,'[["3", "./A"]]','',X'',NULL,'2026-11-23T12:00:00+00:00');
INSERT INTO "sessions" VALUES('other','1A',NULL,0,0,NULL,NULL,0,0,0,'[["3", "./A"]]','',X'',NULL,'2026-11-23T12:00:00+00:00');
CREATE TABLE user_tokens (
	digest VARCHAR NOT NULL, 
	username VARCHAR NOT NULL, 
	expires VARCHAR NOT NULL, 
	used VARCHAR, 
	PRIMARY KEY (digest)
);
CREATE INDEX ix_user_tokens_expires ON user_tokens (expires);
CREATE INDEX ix_certificates_account ON certificates (account);
CREATE INDEX ix_certificates_spki_sha256 ON certificates (spki_sha256);
CREATE INDEX ix_certificates_subject_cn ON certificates (subject_cn);
CREATE INDEX accounts_by_device ON accounts (device_id);
CREATE INDEX ix_sessions_updated ON sessions (updated);
CREATE INDEX ix_command_statuses_device_id ON command_statuses (device_id);
CREATE INDEX ix_queue_account ON queue (account);
PRAGMA user_version = 3;
COMMIT;
