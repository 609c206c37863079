-- What people are told about operations, fields and enumerations. Names, types and rights come from the C core's rows
-- (src/api/operation.c, src/api/schema.c). .ci/generate joins the two, and fails where a row has no words or words no row.
local words = {}

-- By id. `result` is what the member `data` of the response is; none where there is no body.
words.operations = {
  ["vault.connections.list"] = {
    about = "The connections of a consumer, also those that were never added. Not paginated.",
    result = "Connection[]",
  },
  ["vault.connections.get"] = {
    about = 'One connection. Of a connector that was never added, its state is "available".',
    result = "Connection",
  },
  ["vault.connections.update"] = {
    about = "Changes settings, metadata and defaults; `enabled = true` adds the connection.",
    result = "Connection",
  },
  ["vault.connections.delete"] = {
    about = "Deletes a connection. Its connector stays in the list, as available.",
  },
  ["vault.connections.imports"] = {
    about = "Creates or changes a connection with credentials that a user gave you elsewhere.",
    result = "Connection",
  },
  ["vault.connections.token"] = {
    about = "Has Apideck fetch an access token and keep it, for the grants client_credentials and password. The connection is returned, the token is not.",
    result = "Connection",
  },
  ["vault.connections.migrate"] = {
    about = "Moves a connection, with its credentials, to another service of the same API.",
    result = "Connection",
  },
}

-- Fields of requests that are not of a body, wherever they occur.
words.parameters = {
  api = "only connections of this API",
  configured = "only connectors that your application has set up, or only those that it has not",
  service_id = 'the service, such as "pipedrive"',
  unified_api = "the API that the connection belongs to",
  connection = "what is to change",
  connection_import_data = "what the user gave you elsewhere",
  connection_migrate_data = "where it moves to",
  request_body = "needs no fields",
}

words.enumerations = {
  UnifiedApi = "The unified APIs. Newer ones are taken as they are.",
  ConnectionState = "How far a connection has come: not added, added (settings or authorisation missing), authorised (settings missing), ready for calls, or given settings that do not work.",
  IntegrationState = "Whether your application has set the connector up.",
  AuthType = "How a service authorises calls.",
  OAuthGrantType = "Which OAuth grant is used.",
  ConnectionStatus = "Whether the connector itself is released.",
  ConnectionHealth = "What, if anything, keeps a connection from working.",
  ConsentState = "Whether the user agreed to share data.",
  FormFieldType = "The control that suits a form field.",
  DefaultTarget = "What a default value is put into.",
  FormFieldOptionType = "A choice, or a group of choices.",
}

-- By the names of schemas and fields. `sent` are fields that the server sends although its document does not have them.
words.schemas = {
  Connection = {
    about = 'A consumer\'s connection to one service. In responses every field is optional, and fields that are newer than this list are kept. In a request only the fields without "(read-only)" have an effect.',
    fields = {
      id = 'identifies the connection: unified API and service, joined by "+"',
      service_id = 'the service, such as "pipedrive"',
      name = "the service's name, to show to people",
      tag_line = "one sentence about the service",
      unified_api = "the API that the connection belongs to",
      state = "how far it has come",
      integration_state = "whether your application has set the connector up",
      auth_type = "how the service authorises calls",
      oauth_grant_type = 'which grant, where `auth_type` is "oauth2"',
      status = "whether the connector itself is released",
      enabled = "whether calls may use the connection; set it to add, switch off or switch on a connection",
      website = "the service's home page",
      icon = "URL of a square picture",
      logo = "URL of the logo",
      authorize_url = "where a user grants access (OAuth only); add a URL-encoded `redirect_uri` to its query before sending anyone there",
      revoke_url = "where a user takes access back, once authorised; needs a `redirect_uri` too",
      settings = "values of the form fields, by their id",
      metadata = "your own notes on the connection",
      form_fields = "what the service wants to know before it can be called",
      configuration = "default values for resources that are created through the connection",
      configurable_resources = "resources that `configuration` can name",
      resource_schema_support = "resources whose schema can be asked for",
      resource_settings_support = "resources with settings of their own",
      validation_support = "whether the settings can be checked with the service",
      schema_support = "whether the service describes its resources",
      settings_required_for_authorization = "ids of settings that must be there before a user can authorise",
      subscriptions = "what the service notifies Apideck about",
      has_guide = "whether Apideck has a guide to setting the connector up",
      custom_mappings = "fields of yours that are mapped onto the service's",
      consent_state = "whether the user agreed to share the data",
      consents = "every decision on consent, oldest first",
      latest_consent = "the decision that holds",
      application_data_scopes = "what your application asks to read and write",
      health = "what, if anything, keeps the connection from working",
      credentials_expire_at = "when credentials that cannot be refreshed are dropped, in ms since the epoch; 0: no such plan",
      last_refresh_failed_at = "when a token last failed to refresh, in ms since the epoch; 0: not lately",
      last_downstream_error_at = "when the service was last out of reach, in ms since the epoch; 0: it is not",
      created_at = "in ms since the epoch",
      updated_at = "in ms since the epoch",
    },
  },
  ConnectionImportData = {
    fields = {
      credentials = "tokens that a user gave you elsewhere",
      settings = "values of the form fields, by their id",
      metadata = "your own notes on the connection",
    },
  },
  ConnectionMigrateData = {
    fields = {
      target_service_id = "the service that the connection moves to",
    },
  },
  ConnectionImportCredentials = {
    about = "Without `issued_at` or `expires_in` Apideck refreshes the token before it uses it.",
    fields = {
      access_token = "what calls are made with",
      refresh_token = "what a new access token is got with",
      issued_at = "RFC 3339 text, or seconds since the epoch as `os.time()` gives",
      expires_in = "seconds from `issued_at`; digits in a string are sent as the integer",
    },
  },
  ConnectionConfiguration = {
    fields = {
      resource = 'such as "leads"',
      defaults = "what its fields are set to when a call leaves them out",
    },
  },
  ConfigurationDefault = {
    fields = {
      target = "what the value is put into",
      id = "the field",
      options = "values to choose from",
      value = "the default itself",
    },
  },
  FormField = {
    about = "One question to whoever sets a connection up.",
    fields = {
      id = "the setting that the response is stored as",
      label = "the question, as shown",
      placeholder = "shown in the control while it is empty",
      description = "help below the control",
      type = "which control to show",
      required = "whether the connection needs it",
      custom_field = "whether it was added for one account",
      allow_custom_values = "for selects: whether other values than the options are fine",
      disabled = "shown, but not to be changed",
      hidden = "not shown, although it has a value",
      deprecated = "no longer asked for; a value that is there is kept",
      sensitive = "a secret: mask it on screen, keep it out of logs",
      prefix = "text in front of the control",
      suffix = "text behind the control",
      options = "what a select offers",
    },
    sent = {
      { name = "value", type = "vault.Scalar", about = "the value stored" },
      {
        name = "default_value",
        type = "vault.Scalar",
        about = "the value used when none is stored",
      },
      { name = "mask", type = "boolean", about = "whether to mask the value" },
      { name = "target", type = "string", about = "what the value is for" },
      { name = "filter", type = "table", about = "which options to show, by another field" },
    },
  },
  FormFieldOption = {
    about = "A choice, or a group of choices. Real responses leave `option_type` out at times: a group is what has `options`.",
    fields = {
      id = "of a group",
      label = "the choice, as shown",
      value = "of a simple option",
      option_type = "at times absent: a group is what has `options`",
      options = "of a group",
    },
  },
  CustomMapping = {
    fields = {
      id = "the field of yours that is mapped",
      label = "the name, as shown",
      description = "what it is for",
      value = "where its value is found in the service's data",
      key = "its key",
      required = "whether it has to be mapped",
      custom_field = "whether it is found among the service's custom fields",
      consumer_id = "whose mapping it is, where it is not everybody's",
    },
  },
  ConsentRecord = {
    fields = {
      id = "identifies the decision",
      created_at = "when, as an ISO 8601 time",
      granted = "given, or refused",
      resources = "what it covers",
    },
  },
  DataScopes = {
    fields = {
      enabled = "whether consent is asked for at all",
      updated_at = "an ISO 8601 time",
      resources = "what may be read and written",
    },
  },
  WebhookSubscription = {
    fields = {
      downstream_id = "its id at the service",
      unify_event_types = "Apideck's events",
      downstream_event_types = "the service's events",
      execute_url = "where the service sends them",
      created_at = "when, as an ISO 8601 time",
    },
  },
  EmptyObject = {
    fields = {},
  },
}

return words
