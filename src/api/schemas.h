/* Written by .ci/generate from src/api/vault.json and .ci/api/overrides.lua; do not edit.
 * Apideck's OpenAPI document of the Vault API, version 10.34.0. */
/* clang-format off */
#ifndef VAULT_API_SCHEMAS_H
#define VAULT_API_SCHEMAS_H

#include "api/schema.h"

extern const struct schema schema_unified_api_id;
extern const struct schema schema_boolean;
extern const struct schema schema_string;
extern const struct schema schema_connection_state;
extern const struct schema schema_integration_state;
extern const struct schema schema_auth_type;
extern const struct schema schema_o_auth_grant_type;
extern const struct schema schema_connection_status;
extern const struct schema schema_free_form;
extern const struct schema schema_form_field_type;
extern const struct schema schema_scalar;
extern const struct schema schema_form_field_option_option_type;
extern const struct schema schema_form_field_option;
extern const struct schema schema_form_field_option_array;
extern const struct schema schema_form_field;
extern const struct schema schema_form_field_array;
extern const struct schema schema_connection_configuration_defaults_target;
extern const struct schema schema_connection_configuration_defaults;
extern const struct schema schema_connection_configuration_defaults_array;
extern const struct schema schema_connection_configuration;
extern const struct schema schema_connection_configuration_array;
extern const struct schema schema_string_array;
extern const struct schema schema_webhook_subscription;
extern const struct schema schema_webhook_subscription_array;
extern const struct schema schema_custom_mapping;
extern const struct schema schema_custom_mapping_array;
extern const struct schema schema_consent_state;
extern const struct schema schema_data_scopes_resources;
extern const struct schema schema_consent_record;
extern const struct schema schema_consent_record_array;
extern const struct schema schema_data_scopes;
extern const struct schema schema_connection_health;
extern const struct schema schema_integer;
extern const struct schema schema_connection;
extern const struct schema schema_connection_array;
extern const struct schema schema_confirm_connection;
extern const struct schema schema_confirm_connection_response_data;
extern const struct schema schema_date_time;
extern const struct schema schema_duration;
extern const struct schema schema_connection_import_data_credentials;
extern const struct schema schema_connection_import_data;
extern const struct schema schema_connection_migrate_data;
extern const struct schema schema_empty_object;
extern const struct schema schema_validate_connection_state_response_data;
extern const struct schema schema_create_callback_state;
extern const struct schema schema_create_callback_state_response_data;
extern const struct schema schema_update_consent_request;
extern const struct schema schema_number;
extern const struct schema schema_request_count_allocation;
extern const struct schema schema_consumer_request_counts_in_date_range_response_data;
extern const struct schema schema_consumers_filter;
extern const struct schema schema_consumer_metadata;
extern const struct schema schema_get_consumers_response_data;
extern const struct schema schema_get_consumers_response_data_array;
extern const struct schema schema_consumer_connection;
extern const struct schema schema_consumer_connection_array;
extern const struct schema schema_consumer;
extern const struct schema schema_create_consumer_request;
extern const struct schema schema_update_consumer_request;
extern const struct schema schema_delete_consumer_response_data;
extern const struct schema schema_any;
extern const struct schema schema_custom_field_finder;
extern const struct schema schema_custom_field_finder_array;
extern const struct schema schema_create_custom_mapping_request;
extern const struct schema schema_update_custom_mapping_request;
extern const struct schema schema_logs_filter_path_match_mode;
extern const struct schema schema_integer_array;
extern const struct schema schema_logs_filter;
extern const struct schema schema_log_operation;
extern const struct schema schema_log_service;
extern const struct schema schema_log_unified_api;
extern const struct schema schema_log;
extern const struct schema schema_log_array;
extern const struct schema schema_unified_api_id_array;
extern const struct schema schema_session_settings_allow_actions;
extern const struct schema schema_session_settings_allow_actions_array;
extern const struct schema schema_session_settings;
extern const struct schema schema_session_theme;
extern const struct schema schema_session;
extern const struct schema schema_create_session_response_data;

#endif
