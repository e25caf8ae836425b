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
	PRIMARY KEY (id), 
	UNIQUE (name, device_id)
);
INSERT INTO "accounts" VALUES(1,'DEVICE-1','dev','s','md5','t',X'00FF',NULL,X'01','Demo@example.test','WindowsPhone','1.0','1427247692705959881058285969449495136382746625','2026-11-23T12:00:00+00:00','2026-11-23T12:00:00+00:00');
INSERT INTO "accounts" VALUES(2,'DEVICE-2',NULL,'s','md5','t',X'00FF',NULL,X'01','Ändi@example.test','WindowsPhone','1.0','1427247692705959881058285969449495136382746626','2026-11-23T12:00:00+00:00',NULL);
INSERT INTO "accounts" VALUES(3,'dummy','other','dummy','basic',NULL,X'',NULL,X'','','','',NULL,NULL,NULL);
CREATE TABLE certificates (
	serial VARCHAR NOT NULL, 
	subject_cn VARCHAR NOT NULL, 
	thumbprint VARCHAR NOT NULL, 
	der BLOB NOT NULL, 
	spki_sha256 VARCHAR NOT NULL, 
	issued VARCHAR NOT NULL, 
	not_after VARCHAR NOT NULL, 
	PRIMARY KEY (serial), 
	UNIQUE (subject_cn), 
	UNIQUE (thumbprint)
);
INSERT INTO "certificates" VALUES('1427247692705959881058285969449495136382746625','DEVICE-1','A1',X'3000','c1','2026-11-23T12:01:00+00:00','2027-11-23T12:00:00+00:00');
INSERT INTO "certificates" VALUES('1427247692705959881058285969449495136382746626','DEVICE-2','A2',X'3000','c2','2026-11-23T12:02:00+00:00','2027-11-23T12:00:00+00:00');
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
INSERT INTO "discoveries" VALUES('demo@example.test','Demo@example.test','1.0','WindowsPhone','2026-11-23T12:00:00+00:00');
CREATE TABLE inventory (
	device_id VARCHAR NOT NULL, 
	uri VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	format VARCHAR NOT NULL, 
	read VARCHAR, 
	PRIMARY KEY (device_id, uri)
);
INSERT INTO "inventory" VALUES('dev','./DevInfo/Man','NOKIA','chr','2026-11-23T12:00:00+00:00');
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
INSERT INTO "sessions" VALUES('other','1',NULL,0,0,NULL,NULL,0,0,0,'[]','',X'',NULL,'2026-11-23T12:00:00+00:00');
CREATE TABLE user_tokens (
	digest VARCHAR NOT NULL, 
	username VARCHAR NOT NULL, 
	expires VARCHAR NOT NULL, 
	used VARCHAR, 
	PRIMARY KEY (digest)
);
INSERT INTO "user_tokens" VALUES('abababababababababababababababababababababababababababababababab','demo@example.test','2026-11-23T12:15:00+00:00',NULL);
CREATE INDEX ix_user_tokens_expires ON user_tokens (expires);
CREATE INDEX ix_certificates_spki_sha256 ON certificates (spki_sha256);
CREATE INDEX accounts_by_device ON accounts (device_id);
CREATE INDEX ix_sessions_updated ON sessions (updated);
CREATE INDEX ix_command_statuses_device_id ON command_statuses (device_id);
COMMIT;
PRAGMA user_version = 2;
