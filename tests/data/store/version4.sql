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
CREATE TABLE discoveries (
	"key" VARCHAR NOT NULL, 
	email_address VARCHAR NOT NULL, 
	request_version VARCHAR NOT NULL, 
	device_type VARCHAR NOT NULL, 
	seen VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
);
CREATE TABLE faults (
	id INTEGER NOT NULL, 
	fault VARCHAR NOT NULL, 
	account VARCHAR, 
	step VARCHAR NOT NULL, 
	remaining INTEGER, 
	ordered VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "faults" VALUES(1,'missing-212',NULL,'manage',2,'2026-11-23T12:00:00+00:00');
INSERT INTO "faults" VALUES(2,'digest-missing-colon','DEVICE-1','',NULL,'2026-11-23T12:01:00+00:00');
CREATE TABLE inventory (
	device_id VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	format VARCHAR NOT NULL, 
	read VARCHAR, 
	type VARCHAR DEFAULT '' NOT NULL, 
	PRIMARY KEY (device_id, uri)
);
CREATE TABLE job_results (
	job INTEGER NOT NULL, 
	position INTEGER NOT NULL, 
	item INTEGER NOT NULL, 
	command VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	code VARCHAR NOT NULL, 
	original_error VARCHAR, 
	value VARCHAR, 
	format VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (job, position, item)
);
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
	commands VARCHAR DEFAULT '' NOT NULL, 
	"values" VARCHAR DEFAULT '[]' NOT NULL, 
	session_id VARCHAR DEFAULT '' NOT NULL, 
	watched VARCHAR DEFAULT '[]' NOT NULL, 
	ended VARCHAR, 
	PRIMARY KEY (id)
);
CREATE TABLE renewals (
	digest VARCHAR NOT NULL, 
	account VARCHAR NOT NULL, 
	signer VARCHAR NOT NULL, 
	serial VARCHAR NOT NULL, 
	at VARCHAR NOT NULL, 
	PRIMARY KEY (digest)
);
CREATE TABLE server_facts (
	name VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY (name)
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
	last_request_digest VARCHAR NOT NULL, 
	last_response BLOB NOT NULL, 
	started VARCHAR, 
	updated VARCHAR, 
	work VARCHAR DEFAULT '{}' NOT NULL, 
	PRIMARY KEY (device_id, session_id)
);
CREATE TABLE user_tokens (
	digest VARCHAR NOT NULL, 
	username VARCHAR NOT NULL, 
	expires VARCHAR NOT NULL, 
	used VARCHAR, 
	PRIMARY KEY (digest)
);
CREATE INDEX ix_user_tokens_expires ON user_tokens (expires);
CREATE INDEX ix_certificates_spki_sha256 ON certificates (spki_sha256);
CREATE INDEX ix_certificates_account ON certificates (account);
CREATE INDEX ix_certificates_subject_cn ON certificates (subject_cn);
CREATE INDEX accounts_by_device ON accounts (device_id);
CREATE INDEX ix_sessions_updated ON sessions (updated);
CREATE INDEX ix_command_statuses_device_id ON command_statuses (device_id);
CREATE INDEX ix_queue_account ON queue (account);
PRAGMA user_version = 4;
COMMIT;
