// Written by `npm run api` from docs/openapi.json; not to be changed by hand.

export interface paths {
    "/2/httpapi": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes events from the SDKs of Amplitude. */
        post: operations["post_2_httpapi"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists changes, newest first. */
        get: operations["get_audit"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of audit as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/boards": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Boards, newest first. */
        get: operations["get_boards"];
        put?: never;
        /** Makes a board. */
        post: operations["post_boards"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/boards/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One board. */
        get: operations["get_boards_by_id"];
        /** Saves a board. Answers 409 when somebody has saved it since the version that is named. */
        put: operations["put_boards_by_id"];
        post?: never;
        /** Deletes a board. */
        delete: operations["delete_boards_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channel-kinds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the kinds of channels that this program knows. */
        get: operations["get_channel_kinds"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists channels, newest first. */
        get: operations["get_channels"];
        put?: never;
        /** Makes a channel. */
        post: operations["post_channels"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One channel. */
        get: operations["get_channels_by_id"];
        put?: never;
        post?: never;
        /**
         * Deletes a channel; messages that wait for it are cancelled. With `dry_run=true` it says how many these are and
         *     deletes nothing.
         */
        delete: operations["delete_channels_by_id"];
        options?: never;
        head?: never;
        /** Changes a channel. */
        patch: operations["patch_channels_by_id"];
        trace?: never;
    };
    "/api/v1/channels/{id}/dkim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes a key that signs the channel's messages (DKIM) and says which DNS record to publish. It signs nothing before
         *     the channel's configuration says `"enabled": true` for it: publish the record first.
         */
        post: operations["post_channels_by_id_dkim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stops sending; messages stay queued. */
        post: operations["post_channels_by_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sends again. */
        post: operations["post_channels_by_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a channel is: its accounts, what they sent today, and its mailbox. */
        get: operations["get_channels_by_id_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tries the connection without sending anything. */
        post: operations["post_channels_by_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of channels as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_channels_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Tries a configuration before it is saved, step by step. Nothing is saved or sent. A configuration that cannot be read is
         *     a problem; one that does not work is an answer with `"ok": false`.
         */
        post: operations["post_channels_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/choices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Lists what can be chosen from: names, without the settings behind them. Whoever may look at a kind of things may
         *     choose from them; users and channels are named to everybody.
         */
        get: operations["get_choices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists records that were refused or could not be processed, newest first. */
        get: operations["get_dead_letters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows one dead letter with the record itself. */
        get: operations["get_dead_letters_by_id"];
        put?: never;
        post?: never;
        /** Removes one dead letter. */
        delete: operations["delete_dead_letters_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replays one dead letter: the record, or a corrected one, is taken in as if it came now; the time of its arrival
         *     counts where it names no other. Replaying it twice counts once. Whether `email_verified` and `phone_verified` are
         *     believed depends on the key that sent the record, as it is now, also when it is corrected.
         */
        post: operations["post_dead_letters_by_id_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of dead letters as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_dead_letters_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/dead-letters/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replays many dead letters, by their ids or by the code with which they were refused; each as
         *     `/api/v1/dead-letters/{id}/replay` does.
         */
        post: operations["post_dead_letters_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists messages, newest first. */
        get: operations["get_deliveries"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One message with its whole history. */
        get: operations["get_deliveries_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels a message that waits. */
        post: operations["post_deliveries_by_id_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/{id}/settle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Settles a message whose outcome is unknown. It is sent again only when that is asked for. */
        post: operations["post_deliveries_by_id_settle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Cancels messages that wait, many at once, or says how many they would be. */
        post: operations["post_deliveries_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of deliveries as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_deliveries_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/deliveries/summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far messages have come: every one is counted in exactly one place. */
        get: operations["get_deliveries_summary"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Erasures, newest first. */
        get: operations["get_erasures"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One erasure, with its certificate when it is complete. */
        get: operations["get_erasures_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erasures/{id}/certificate.html": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The certificate as a page to be printed. */
        get: operations["get_erasures_by_id_certificate_html"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/erasures/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of erasures as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_erasures_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes events from an API key or an operator: `{"events":[…]}`, or one event. A `type` that is
         *     absent means `track`. Both are trusted: they are believed when they say that an address was verified. Those that are refused are listed in the reply and kept as dead letters.
         */
        post: operations["post_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a member got, or did not get, what a journey sends, or what became of one message: every decision, in order and
         *     in words.
         */
        get: operations["get_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/goals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Goals with how far they are, newest first. */
        get: operations["get_goals"];
        put?: never;
        /** Makes a goal. */
        post: operations["post_goals"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/goals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One goal with how far it is. */
        get: operations["get_goals_by_id"];
        /** Saves a goal. Answers 409 when somebody has saved it since the version that is named. */
        put: operations["put_goals_by_id"];
        post?: never;
        /** Deletes a goal. */
        delete: operations["delete_goals_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups that members belong to, newest first. */
        get: operations["get_groups"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One group. */
        get: operations["get_groups_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of a group, newest first. */
        get: operations["get_groups_by_id_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/groups/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of groups as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_groups_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows what comes in, what waits where, what was refused, how full the disk is and what works in the background. */
        get: operations["get_health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holdout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The share of members whom no journey addresses. */
        get: operations["get_holdout"];
        /**
         * Sets the share of members whom no journey addresses. It holds for whoever enters from now on. Everybody stays on his
         *     side as far as the new share allows, unless `reshuffle` is set.
         */
        put: operations["put_holdout"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/holdout/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What came of addressing everybody but the holdout: to how many on either side the event happened. */
        get: operations["get_holdout_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows the day so far, the ladder with its movement, what needs care, what runs, and what was done last night. The
         *     answer may be half a minute old, of a very large workspace some minutes; `at` says when it was made. Parts that the
         *     caller may not see are `null`.
         */
        get: operations["get_home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import-mappings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Saved mappings, newest first. */
        get: operations["get_import_mappings"];
        put?: never;
        /** Saves a mapping. It is offered for files whose header has all columns that it names. */
        post: operations["post_import_mappings"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/import-mappings/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One saved mapping. */
        get: operations["get_import_mappings_by_id"];
        /** Replaces a saved mapping. */
        put: operations["put_import_mappings_by_id"];
        post?: never;
        /** Deletes a saved mapping. */
        delete: operations["delete_import_mappings_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Uploaded files, newest first. */
        get: operations["get_imports"];
        put?: never;
        /**
         * Uploads a file to be imported: CSV in any encoding, or a workbook (.xlsx). The body is the file itself, as
         *     `curl --data-binary @members.csv` sends it, or `fetch(url, {method: "POST", body: file})`. Nothing is imported yet.
         */
        post: operations["post_imports"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One uploaded file, and how far its import is. */
        get: operations["get_imports_by_id"];
        put?: never;
        post?: never;
        /** Cancels what runs and deletes the file. Rows that were imported stay. */
        delete: operations["delete_imports_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/detect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Looks at a file again, with other eyes: in this encoding, with this delimiter, at this sheet. What is found takes the
         *     place of what was found before, and mappings read the file so from then on. Nothing is imported.
         */
        post: operations["post_imports_by_id_detect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Counts what an import would do, without doing it: a dry run, as a job. */
        post: operations["post_imports_by_id_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/rejects": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The rows that were not imported, as CSV: line, code, message (in the language of whoever began), row. Before an import
         *     those that the preview found.
         */
        get: operations["get_imports_by_id_rejects"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/rows": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The first rows of a file, as it is read now. They are personal data, so whoever looks needs to be allowed to see
         *     members.
         */
        get: operations["get_imports_by_id_rows"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/{id}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Starts the import, as a job. The same file is never imported twice at once, and rows that were imported with the same
         *     mapping before are not imported again.
         */
        post: operations["post_imports_by_id_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/imports/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of imports as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_imports_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/attribution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** To which touches conversions are owed. */
        post: operations["post_insight_attribution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/distribution": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How often, or how much, for each member. */
        post: operations["post_insight_distribution"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/funnel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How many members go through steps. */
        post: operations["post_insight_funnel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/interval": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How long it takes from one event to the next. */
        post: operations["post_insight_interval"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/lifecycle": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who is new, comes back, or stays away. */
        post: operations["post_insight_lifecycle"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who is behind a number of an answer. */
        post: operations["post_insight_members"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/members/segment": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps those behind a number as a segment of their own: a snapshot, in which nobody enters or leaves later. */
        post: operations["post_insight_members_segment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/path": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Which ways members take. */
        post: operations["post_insight_path"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Who comes back. */
        post: operations["post_insight_retention"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/sql": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks a query. When the connection is closed before there is an answer, the query ends. */
        post: operations["post_insight_sql"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/sql/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Queries that were asked in this workspace, newest first. */
        get: operations["get_insight_sql_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/sql/schema": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The tables that queries can ask. */
        get: operations["get_insight_sql_schema"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/standing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is kept, and how far it has come. */
        get: operations["get_insight_standing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/insight/trend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** How much happens, over time. */
        post: operations["post_insight_trend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists jobs, newest first: all of them to administrators, with `mine=true` one's own to everybody. */
        get: operations["get_jobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows a job: to whoever asked for it, and to administrators. */
        get: operations["get_jobs_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Asks a job to stop: one that waits ends at once, one that runs at its next checkpoint. Whoever asked for it may do
         *     so, and administrators.
         */
        post: operations["post_jobs_by_id_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of jobs as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_jobs_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Journeys, newest first. */
        get: operations["get_journeys"];
        put?: never;
        /** Makes a draft, however unfinished. What keeps it from being published stands in `problems`. */
        post: operations["post_journeys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One journey with its draft, and what keeps that from being published. */
        get: operations["get_journeys_by_id"];
        put?: never;
        post?: never;
        /** Deletes a journey that is a draft or stopped. */
        delete: operations["delete_journeys_by_id"];
        options?: never;
        head?: never;
        /**
         * Changes name or draft, which may be unfinished: what keeps it from being published stands in `problems`. Members under
         *     way are not touched until it is published. With `revision`, of two who change the same draft at once, one gets 409.
         */
        patch: operations["patch_journeys_by_id"];
        trace?: never;
    };
    "/api/v1/journeys/{id}/enter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Lets members into a journey whose entry is manual. Its re-entry says who may come again. */
        post: operations["post_journeys_by_id_enter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lets nobody in and moves nobody on until it is resumed. Messages that are queued already are sent unless
         *     `cancel_queued` is set.
         */
        post: operations["post_journeys_by_id_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Makes the draft the next version and lets members in. Those under way stay on theirs, or are moved.
         * @description Of two who publish at once, one gets 409. With `{"running": {"move": {…}}}` every step at which somebody stands must be
         *     named; `publish/preview` shows beforehand what would happen. In large journeys a job moves the runs; each stands on
         *     its old version until it is moved.
         */
        post: operations["post_journeys_by_id_publish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/publish/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What publishing would do to those under way, in numbers. Changes nothing. */
        post: operations["post_journeys_by_id_publish_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the journey has done so far, and what it brought about. */
        get: operations["get_journeys_by_id_report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Goes on; members whose wait ended meanwhile move on at once. */
        post: operations["post_journeys_by_id_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Runs, newest first, with the last lines of their traces unless `trace=false`. */
        get: operations["get_journeys_by_id_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/runs/{run}/trace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The trace of one run, in order from its beginning. Of what happens after the ten-thousandth line, only the goal and the
         *     end are kept.
         */
        get: operations["get_journeys_by_id_runs_by_run_trace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/runs/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of runs as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_journeys_by_id_runs_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Simulates what the journey would have done: the members' past between two moments is played again in a copy, with the
         *     journey published at the first of them. Nothing is sent and nothing changes. Each message is judged as the outbox would have,
         *     by the policy of today: it has a time at which it would leave, or a reason for which it would not. Waits up to ten seconds for the result; what
         *     takes longer goes on as a job, which `/api/v1/jobs/{id}/cancel` stops.
         */
        post: operations["post_journeys_by_id_simulate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/simulations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Simulations of a journey, newest first, without their results; the last twenty are kept. */
        get: operations["get_journeys_by_id_simulations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/simulations/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One simulation with its result. */
        get: operations["get_journeys_by_id_simulations_by_job"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stops the journey: with `{"running": "end"}` everybody's run in it ends now, with `{"running": "finish"}` runs go on to
         *     their end and nobody enters. It can be published again.
         */
        post: operations["post_journeys_by_id_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Versions, newest first, with how many runs are under way on each. */
        get: operations["get_journeys_by_id_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version with its document. */
        get: operations["get_journeys_by_id_versions_by_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the document of a version the draft again. Members are not touched until it is published. */
        post: operations["post_journeys_by_id_versions_by_version_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/versions/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is different between two versions, or between one and the draft. */
        get: operations["get_journeys_by_id_versions_compare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/{id}/versions/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of versions as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_journeys_by_id_versions_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells everything that is wrong with a document, each problem at its path. Nothing is saved. */
        post: operations["post_journeys_check"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of journeys as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_journeys_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/starters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Journeys to begin with, and what they need. */
        get: operations["get_journeys_starters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/journeys/starters/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the draft of a journey of a starter, with the segments and templates that are not there yet by their names. */
        post: operations["post_journeys_starters_by_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists keys, newest first, the revoked ones too. */
        get: operations["get_keys"];
        put?: never;
        /** Makes a key. An API key has the role of its creator. Whether a write key is trusted stays as it was made. */
        post: operations["post_keys"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revokes a key. Other nodes notice within five seconds. */
        delete: operations["delete_keys_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/keys/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of keys as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_keys_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tells how things stand, and again whenever they have changed, as server-sent events.
         * @description Each event has the topic as its name and its state as JSON. `refused` says which topics the caller may not watch or
         *     are unknown, `signed_out` that the session has ended; then the stream ends, too. A comment comes every 15 seconds.
         *     Whoever loses the connection asks again: all states are sent at the beginning.
         */
        get: operations["get_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Signs in with e-mail and password, and sets the session cookie. After several failures there
         *     is a pause, which grows.
         */
        post: operations["post_login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs out, and clears the session cookie. */
        post: operations["post_logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says who one is and what one may do. */
        get: operations["get_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/me/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Changes one's own password, and ends all other sessions of oneself. */
        post: operations["post_me_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Members, newest first. A text that is looked for first gives those whom it names: who has an identity that begins so. */
        get: operations["get_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One member. */
        get: operations["get_members_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Sets traits of a member. */
        patch: operations["patch_members_by_id"];
        trace?: never;
    };
    "/api/v1/members/{id}/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a member has agreed to and refused, by each of his identities. */
        get: operations["get_members_by_id_consent"];
        /**
         * Records that a member agreed or refused, as an operator was told. A site says the same with the track events "Consent
         *     Given" and "Consent Withdrawn" (`channel`, `purpose`, and what was shown as the proof).
         */
        put: operations["put_members_by_id_consent"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/consent/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every decision of a member as it was made, newest first: what was withdrawn or replaced stays here with its proof. */
        get: operations["get_members_by_id_consent_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/erase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Erases a member: from the state at once, from the log and everywhere else by a job. There is no way back. Of his
         *     addresses that were suppressed, or at which he wanted no more of a topic, a keyed hash is kept: they get no more
         *     than before when a list brings them back.
         */
        post: operations["post_members_by_id_erase"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is kept about a member, as one JSON document of any length. */
        get: operations["get_members_by_id_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/export.html": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as a page to be read and printed. */
        get: operations["get_members_by_id_export_html"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/merge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes two members one. Can be undone at any time, whatever has happened since. */
        post: operations["post_members_by_id_merge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/merge/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows what a merge would give, without making it. */
        post: operations["post_members_by_id_merge_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** In which journeys a member is or was, newest first, and where he stands in each. */
        get: operations["get_members_by_id_runs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/split": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes a member of his own of one identity. */
        post: operations["post_members_by_id_split"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds and removes tags of a member. */
        post: operations["post_members_by_id_tags"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/tags/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which tags were put on a member and taken off, newest first; those that rules give are in the changes of their
         *     segments.
         */
        get: operations["get_members_by_id_tags_history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/timeline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that concerns a member, latest first. */
        get: operations["get_members_by_id_timeline"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/timeline/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of timeline as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_members_by_id_timeline_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/{id}/timeline/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a member's timeline can be filtered by. */
        get: operations["get_members_by_id_timeline_facets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/members/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members whom a filter finds, or all of them, as a file. An operator may do this; it is written down in the audit log. */
        get: operations["get_members_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merge-suggestions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Suggestions that nobody has decided, newest first. */
        get: operations["get_merge_suggestions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merge-suggestions/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Makes the two members one; the older one stays. */
        post: operations["post_merge_suggestions_by_id_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merge-suggestions/{id}/dismiss": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that the two are not one person; they are not suggested again. */
        post: operations["post_merge_suggestions_by_id_dismiss"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merge-suggestions/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of merge suggestions as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_merge_suggestions_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merges": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Merges, newest first. */
        get: operations["get_merges"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merges/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Undoes a merge, in whatever order. Each member has his own facts again, those included that came in since. */
        post: operations["post_merges_by_id_undo"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merges/{id}/undo/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what undoing a merge would do, without doing it. */
        post: operations["post_merges_by_id_undo_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/merges/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of merges as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_merges_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/names": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what ids stand for. It changes nothing; it is a POST because five hundred ids do not fit an address. */
        post: operations["post_names"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The queues of all channels: how long, how fast, and what holds them up. */
        get: operations["get_outbox"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** When, and how often, members are written to. */
        get: operations["get_outbox_policy"];
        /**
         * Decides when, and how often, members are written to. What waits is looked at again; what was queued before is never
         *     dropped by the change.
         */
        put: operations["put_outbox_policy"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits, in the order in which it will go: what is due by priority, then the rest as it becomes due. Pages keep to
         *     the order that there was when the first was asked for.
         */
        get: operations["get_outbox_queue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/outbox/queue/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of queue as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_outbox_queue_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/retention": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How long events are kept. */
        get: operations["get_retention"];
        /** Says how long events are kept. What is older by then is deleted at once, and from then on once a day. */
        put: operations["put_retention"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rule-words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events, properties, traits, values, tags, stages, segments and groups to choose from while a rule is written. Names of
         *     events, tags, stages, segments and groups are all there are; properties and values of events are those of the newest
         *     events, and traits and their values are those of all members once somebody has previewed a rule, else of the newest.
         */
        get: operations["get_rule_words"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Looks for a text among everything that the caller may see. */
        get: operations["get_search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Segments, newest first. */
        get: operations["get_segments"];
        put?: never;
        /** Makes a segment. It is evaluated over history at once and live from then on. */
        post: operations["post_segments"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One segment, with its present size. */
        get: operations["get_segments_by_id"];
        put?: never;
        post?: never;
        /**
         * Deletes a segment. Refused while another segment or a running journey refers to it, and while a snapshot of it is
         *     still to be made.
         */
        delete: operations["delete_segments_by_id"];
        options?: never;
        head?: never;
        /**
         * Changes the name or the rule. A new rule is evaluated over history, with progress, while the old one goes on; then it
         *     takes the old one's place at one moment. Who enters by that starts no journeys; whoever waits for it in one goes on.
         */
        patch: operations["patch_segments_by_id"];
        trace?: never;
    };
    "/api/v1/segments/{id}/changes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Entries and exits, newest first. */
        get: operations["get_segments_by_id_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/changes/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of changes as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_segments_by_id_changes_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of a segment as a file, with the moment at which each came in. */
        get: operations["get_segments_by_id_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The members of a segment, newest first. */
        get: operations["get_segments_by_id_members"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/overlap": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many members two segments share. */
        get: operations["get_segments_by_id_overlap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/sample": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A random sample that stays the same for the same seed, as far as its members stay in the segment. */
        get: operations["get_segments_by_id_sample"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/sizes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How large a segment was, step by step. */
        get: operations["get_segments_by_id_sizes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keeps who is in a segment now, as a segment of its own. */
        post: operations["post_segments_by_id_snapshot"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/{id}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who uses a segment. */
        get: operations["get_segments_by_id_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of segments as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_segments_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Counts the members for whom a rule holds now, without saving anything. Since it shows some of them, it
         *     needs the right to look at people as well.
         */
        post: operations["post_segments_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/segments/sizes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How large several segments were, step by step. */
        get: operations["get_segments_sizes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether Hearth is set up and whether one is signed in, to anybody. */
        get: operations["get_session_state"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/setup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether a set-up link would work now: 204 if so, 404 when it has ended, 409 when Hearth is set up already. */
        get: operations["get_setup"];
        put?: never;
        /** Sets Hearth up: makes the workspace and its owner, and signs him in. */
        post: operations["post_setup"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The ladder, and how many members are on each rung. */
        get: operations["get_stages"];
        /** Changes the ladder. The new one is evaluated over history and then takes the place of the present one as a whole. */
        put: operations["put_stages"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/stages/transitions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How members moved between stages from one moment to another. */
        get: operations["get_stages_transitions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suppressions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists addresses that get nothing. */
        get: operations["get_suppressions"];
        put?: never;
        /** Keeps all messages of a kind away from an address. */
        post: operations["post_suppressions"];
        /** Lets messages of a kind go to an address again. */
        delete: operations["delete_suppressions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/suppressions/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of suppressions as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_suppressions_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tag-groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Groups of tags. */
        get: operations["get_tag_groups"];
        put?: never;
        /** Makes a group of tags. */
        post: operations["post_tag_groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tag-groups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Changes a group of tags. */
        put: operations["put_tag_groups_by_id"];
        post?: never;
        /** Deletes a group of tags; its tags stay and stand in none. */
        delete: operations["delete_tag_groups_by_id"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tag-groups/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of tag groups as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_tag_groups_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tags": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** All tags that are in use or defined, with their numbers of members. */
        get: operations["get_tags"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tags/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Settles what a tag is. */
        put: operations["put_tags_by_name"];
        post?: never;
        /**
         * Deletes a tag. Refused while rules or journeys use it, and while members carry it unless it is to be taken off them,
         *     which a job does.
         */
        delete: operations["delete_tags_by_name"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tags/{name}/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who uses a tag, for a look before it is deleted. */
        get: operations["get_tags_by_name_usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tags/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adds and removes tags of many members, as a job with progress. Its `result` counts the `members` that it reached:
         *     `changed`, `unchanged` (they were so already) and `refused`, such as those who have as many tags as a member can
         *     have. Where there are any of the latter, `refusals` counts them by code, and `dead_letters` says where to read on.
         * @description With `dry_run` nothing is done, and the answer is 200 with the same in numbers beforehand.
         */
        post: operations["post_tags_bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tags/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of tags as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_tags_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tasks, newest first or in the order in which they are due. */
        get: operations["get_tasks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task. */
        get: operations["get_tasks_by_id"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Gives an open task to somebody. Where the run goes on is not touched. */
        patch: operations["patch_tasks_by_id"];
        trace?: never;
    };
    "/api/v1/tasks/{id}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that a task is done: the member goes on in the journey, the way of the outcome. */
        post: operations["post_tasks_by_id_complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/counts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How many tasks wait for somebody, and how many of them for the caller. */
        get: operations["get_tasks_counts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tasks/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of tasks as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_tasks_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists templates, the newest first. */
        get: operations["get_templates"];
        put?: never;
        /** Makes a template. The reply has what may be wrong with it in `warnings`. */
        post: operations["post_templates"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One template. */
        get: operations["get_templates_by_id"];
        /**
         * Saves the next version of a template. What changes nothing makes no version. The reply has what may be wrong with it
         *     in `warnings`.
         */
        put: operations["put_templates_by_id"];
        post?: never;
        /**
         * Deletes a template. Messages that still wait for it become `suppressed` with the reason
         *     `template_missing`.
         */
        delete: operations["delete_templates_by_id"];
        options?: never;
        head?: never;
        /** Changes parts of a template, as its next version. */
        patch: operations["patch_templates_by_id"];
        trace?: never;
    };
    "/api/v1/templates/{id}/compare": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells what differs between two versions of a template. */
        get: operations["get_templates_by_id_compare"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows how the message would read, for a member or with given variables. Nothing is sent. */
        post: operations["post_templates_by_id_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sends the template as it was saved to up to five addresses. The subject says that it is a test; it counts for no limit
         *     and in no report, and nothing can be changed by its links.
         */
        post: operations["post_templates_by_id_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the versions of a template, the newest first. */
        get: operations["get_templates_by_id_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version of a template with everything that it says. */
        get: operations["get_templates_by_id_versions_by_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/{id}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Saves an earlier version as the next one. */
        post: operations["post_templates_by_id_versions_by_version_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of templates as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_templates_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/lint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells what may be wrong with a template, without saving it. What could not be saved at all is a problem. */
        post: operations["post_templates_lint"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/partials": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists all partials, of which there are at most 200, by their names. */
        get: operations["get_templates_partials"];
        put?: never;
        /** Makes a partial. */
        post: operations["post_templates_partials"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/partials/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One partial. */
        get: operations["get_templates_partials_by_name"];
        /**
         * Saves a partial. Every message that is made from then on has it as it is now; so it is refused when a template that
         *     puts it in could not be rendered any more.
         */
        put: operations["put_templates_partials_by_name"];
        post?: never;
        /** Deletes a partial that nothing puts in. */
        delete: operations["delete_templates_partials_by_name"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/partials/{name}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists the versions of a partial, the newest first. Those of a partial that was deleted are gone with it. */
        get: operations["get_templates_partials_by_name_versions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/partials/{name}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One version of a partial. */
        get: operations["get_templates_partials_by_name_versions_by_version"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/partials/{name}/versions/{version}/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Saves an earlier version of a partial as the next one, under the same conditions as every save. */
        post: operations["post_templates_partials_by_name_versions_by_version_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Shows how the message of a template would read that was not saved yet. Nothing is saved or sent. */
        post: operations["post_templates_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/templates/variables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tells what a template can ask for, with examples from the newest members and events. */
        get: operations["get_templates_variables"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/topics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The topics that are described. */
        get: operations["get_topics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/topics/{topic}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Describes a topic. When it begins to ask for confirmation, consents that were only claimed, in a page, no longer count
         *     until they are confirmed; what members, operators and imports decided stays as it is.
         */
        put: operations["put_topics_by_topic"];
        post?: never;
        /** Forgets the description of a topic. Consents about it stay, and no longer have to be confirmed. */
        delete: operations["delete_topics_by_topic"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/topics/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of topics as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_topics_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/traits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Traits of which anything is settled. */
        get: operations["get_traits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/traits/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Settles what a trait is. When its type or the rule for several values changes, all profiles are decided anew, from what
         *     was said of them, in the background. A computed trait hides what was said under its name, so it is refused
         *     while profiles show that, unless it is to `replace` it.
         */
        put: operations["put_traits_by_name"];
        post?: never;
        /**
         * Deletes what is settled about a trait. A computed one is gone by that, so it is refused while rules ask for it; of
         *     others, profiles show again what was said last.
         */
        delete: operations["delete_traits_by_name"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/traits/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of traits as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_traits_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lists users, oldest first. */
        get: operations["get_users"];
        put?: never;
        /** Adds a user. */
        post: operations["post_users"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Removes a user from the workspace. His sessions end and his API keys are revoked; the answer names the keys of his
         *     that still work.
         */
        delete: operations["delete_users_by_id"];
        options?: never;
        head?: never;
        /** Changes a user's name or role, or whether he can sign in. */
        patch: operations["patch_users_by_id"];
        trace?: never;
    };
    "/api/v1/users/{id}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says in numbers what would go with a user, for whoever is about to disable or remove him. */
        get: operations["get_users_by_id_keys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/{id}/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Gives a user a new password, and ends his sessions. */
        post: operations["post_users_by_id_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/users/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The list of users as a file.
         * @description All of it, with the same filters as the list. It is written down in the audit log.
         */
        get: operations["get_users_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workspace": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Shows the workspace's settings. */
        get: operations["get_workspace"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /**
         * Changes the workspace's settings. In a new time zone, segments with calendar windows are evaluated over history
         *     anew, with progress, and change at one moment.
         */
        patch: operations["patch_workspace"];
        trace?: never;
    };
    "/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes many events from the SDKs of PostHog (`batch`) or of Amplitude (`events`), which use the same address. */
        post: operations["post_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/debug": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The same for the SDKs' debug mode: 400 when a record is refused; with `Dry-Run: true` nothing is taken or kept. */
        post: operations["post_debug"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/engage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes changes of users' profiles from the SDKs of Mixpanel: `$set`, `$set_once`, `$unset`, `$add`, `$append`,
         *     `$union`, `$remove` and `$delete`.
         */
        post: operations["post_engage"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/flags/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tells the SDKs of PostHog that there are no feature flags. `/decide/` is the same. */
        post: operations["post_flags"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/groups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Refuses changes of groups' profiles, which Hearth does not have, and keeps them as dead letters. */
        post: operations["post_groups"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says that the process is alive. */
        get: operations["get_healthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/hooks/{kind}/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a report of a provider or mail server: JSON `{"type": "bounce" | "complaint" | "delivered",
         *     "delivery" | "message_id", "permanent", "diagnostic"}`, or the report mail itself as
         *     `message/rfc822`. Signed after Standard Webhooks with the channel's `hook_secret`.
         */
        post: operations["post_hooks_by_kind_by_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/i/v0/e/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes one event, or a list of them, from the SDKs of PostHog. `/capture/` and `/e/` are the same. */
        post: operations["post_i_v0_e"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/i/v1/analytics/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes many events from the SDKs of PostHog in their newer form, and says by `uuid` which were refused. */
        post: operations["post_i_v1_analytics_events"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes events of the past as Mixpanel's import does: a list, or one event a line. A form, as its SDKs send it, gets
         *     the reply of `/track`.
         */
        post: operations["post_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Shows metrics in the text format of Prometheus, to an API key with `settings:read`, and to
         *     anybody on this machine where the configuration says so.
         */
        get: operations["get_metrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/o/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The image that tells of an opening. */
        get: operations["get_o_by_token"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Says whether requests can be served. */
        get: operations["get_readyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sa": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes records from the SDKs of Sensors Analytics 神策. */
        post: operations["post_sa"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/t/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follows a tracked link of a message. */
        get: operations["get_t_by_token"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/track": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes events from the SDKs of Mixpanel. */
        post: operations["post_track"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/u/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The preference centre of whoever got the message. Looking at it changes nothing. */
        get: operations["get_u_by_token"];
        put?: never;
        /**
         * Takes what was chosen on the page: topics, channels, a pause, the language; or withdraws and renews consent by its
         *     other buttons, or by one click after RFC 8058. It is in force when the reply is sent.
         */
        post: operations["post_u_by_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/u/confirm/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Asks whether a subscription is confirmed. Looking at it changes nothing. */
        get: operations["get_u_confirm_by_token"];
        put?: never;
        /** Confirms a subscription (double opt-in). It is in force when the reply is sent. */
        post: operations["post_u_confirm_by_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alias": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says that two ids belong to one person. */
        post: operations["post_v1_alias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes many events at once. Those that are refused are listed in the reply and kept as dead
         *     letters; the others are accepted.
         */
        post: operations["post_v1_batch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/group": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says to which organisation or account somebody belongs. */
        post: operations["post_v1_group"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Says who somebody is, and what is known about him. `email_verified` and `phone_verified` are believed of trusted
         *     keys only; see `traits`.
         */
        post: operations["post_v1_identify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says which page somebody viewed. */
        post: operations["post_v1_page"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/screen": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says which screen of an app somebody viewed. */
        post: operations["post_v1_screen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/track": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Says what somebody did. */
        post: operations["post_v1_track"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What every answer says of itself. */
        About: {
            /**
             * Format: date-time
             * @description Everything that had taken effect by this moment is in it.
             */
            as_of: string;
            /** @description What the numbers mean. */
            definition: components["schemas"]["Words"];
            /** @description What it looked at. */
            range: components["schemas"]["RangeDto"];
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
            /** @description The time zone by whose calendar it counts. */
            zone: string;
        };
        /** @description How an account is. */
        AccountStatus: {
            /** @description Its name. */
            name: string;
            /** @description Why it rests; `null` when nothing is known to be wrong. */
            problem?: string | null;
            /**
             * Format: date-time
             * @description Until when it rests.
             */
            rests_until?: string | null;
        };
        /**
         * @description What is counted of each member.
         * @enum {string}
         */
        AmountBody: "count" | "days" | "sum" | "avg";
        /** @description Amplitude's events are durable. */
        AmplitudeAccepted: {
            /**
             * Format: int64
             * @description 200.
             */
            code: number;
            /**
             * Format: int64
             * @description How many there were.
             */
            events_ingested: number;
            /**
             * Format: int64
             * @description How many bytes the body had.
             */
            payload_size_bytes: number;
            /**
             * Format: int64
             * @description When it arrived, in milliseconds since 1970.
             */
            server_upload_time: number;
        };
        /** @description None of Amplitude's events was accepted; those that are not named may be sent again. */
        AmplitudeRefused: {
            /**
             * Format: int64
             * @description 0.
             */
            accepted?: number | null;
            /**
             * Format: int64
             * @description The HTTP status.
             */
            code: number;
            /** @description What is wrong. */
            error: string;
            /** @description The places of events by the field that is wrong. */
            events_with_invalid_fields?: Record<string, never> | null;
            /** @description The places of events by the field they lack. */
            events_with_missing_fields?: Record<string, never> | null;
            /** @description What the request lacks. */
            missing_field?: string | null;
            /** @description The stable code of it, when it concerns the whole request. */
            problem?: string | null;
            /** @description The refused ones with their codes, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
        };
        /** @description What Amplitude's SDKs send. */
        AmplitudeUpload: {
            /** @description The write key. */
            api_key: string;
            /** @description What the sender's clock showed when it was sent. */
            client_upload_time?: string | null;
            /** @description At most 2,000 events, each at most 32 KB. */
            events: Record<string, never>[];
        };
        /** @description From, or to, which event paths lead. */
        AnchorBody: {
            /** @description Name of the event. */
            event: string;
            /** @description Whether paths are followed after it or back from it. */
            side: components["schemas"]["SideBody"];
        };
        /** @description One side of the comparison. */
        ArmDto: {
            /**
             * Format: double
             * @description The share of those who did. Where several versions count, as it would be if both sides were spread over them alike,
             *     so that it is not `converted` / `members`.
             */
            conversion?: number | null;
            /**
             * Format: int64
             * @description How many of them reached the goal in its time.
             */
            converted: number;
            interval?: null | components["schemas"]["Interval"];
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
        };
        /** @description What is owed to whom. */
        AttributionAnswer: components["schemas"]["About"] & {
            /**
             * Format: int64
             * @description How many conversions there were.
             */
            conversions: number;
            /** @description What is owed to each kind of touch, the largest first. */
            touches: components["schemas"]["TouchDto"][];
            /** @description Conversions without a touch before them. */
            unattributed: components["schemas"]["OwedDto"];
            /**
             * Format: double
             * @description What they were worth.
             */
            value: number;
        };
        /** @description To which touches are conversions owed? */
        AttributionQuestion: {
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description What is to be explained. */
            conversion: components["schemas"]["ConversionBody"];
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description For `time_decay`: after so long a touch weighs half; `P7D` when left out. */
            half_life?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description How a conversion is shared among the touches before it; to the last when left out. */
            model?: components["schemas"]["ModelBody"];
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description The property by whose value touches are told apart. */
            touch_by?: string | null;
            /**
             * @description What may have led to it: one kind of events with `touch_by`, or up to 20 kinds; when left out, whatever has the
             *     property `touch_by`.
             */
            touches?: components["schemas"]["FilterBody"][] | null;
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description How long before a conversion a touch may be; `P30D` when left out. */
            within?: string | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description One change that somebody made. */
        AuditLine: {
            /** @description What was done: a word and a verb in the past tense, such as `key.created`. */
            action: string;
            /** @description `user:usr_…`, `key:key_…`, or a part of the program. */
            actor: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description What is new. */
            detail: Record<string, never>;
            /** @description `aud_…` */
            id: string;
            /** @description The id of what was changed. */
            target: string;
        };
        /** @enum {string} */
        BackBody: "exact" | "rolling";
        /** @description A job that was begun. */
        BegunJob: {
            /** @description `job_…`; see `/api/v1/jobs/{id}`. */
            job_id: string;
            /**
             * Format: int64
             * @description How many members it will change.
             */
            members: number;
        };
        /** @description Who is behind a number, newest first. */
        BehindAnswer: {
            /** @description Some of them. */
            items: components["schemas"]["MemberDto"][];
            /** @description Where to go on; `null` at the end. */
            next?: string | null;
            /**
             * Format: int64
             * @description How many they are.
             */
            total: number;
        };
        /** @description Whose members are wanted. */
        BehindQuestion: {
            /** @description Where to go on: `next` of the answer before. */
            cursor?: string | null;
            /** @description What kind of question it was. */
            kind: components["schemas"]["KindBody"];
            /** @description How many members are told at once, 1 to 200; 50 when left out. */
            limit?: number | null;
            /** @description Which number of the answer. */
            point: Record<string, never>;
            /** @description The question. */
            question: Record<string, never>;
        };
        /** @description A text in both languages. */
        Bilingual: {
            /** @description English. */
            en: string;
            /** @description Chinese. */
            zh: string;
        };
        /** @description A board to save. */
        BoardBody: {
            /** @description Its cards, at most 50. */
            cards: components["schemas"]["CardBody"][];
            /** @description Its name, 1 to 200 characters. */
            name: string;
            /** @description Which days it shows, as an ISO 8601 duration such as `P30D`; those of each question when left out. */
            period?: string | null;
            /**
             * Format: int64
             * @description When replacing: the version that was read; a conflict is reported when it has changed.
             */
            version?: number | null;
        };
        /** @description A board. */
        BoardDto: {
            /** @description Its cards. */
            cards: components["schemas"]["CardBody"][];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /** @description `brd_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description Which days it shows; `null` for those of each question. */
            period?: string | null;
            /**
             * Format: date-time
             * @description When it was last saved.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Counts the saves, from 1.
             */
            version: number;
        };
        /** @description How many members have so much. */
        BucketDto: {
            /**
             * Format: double
             * @description At least so much; `null` in one below all bounds.
             */
            from?: number | null;
            /**
             * Format: int64
             * @description How many.
             */
            members: number;
            /**
             * Format: double
             * @description Less than this; `null` in the last one.
             */
            to?: number | null;
        };
        /** @description How far something is. */
        Building: {
            /**
             * Format: int64
             * @description Members evaluated.
             */
            done: number;
            /**
             * Format: int64
             * @description Members in all, when it began.
             */
            total: number;
        };
        /** @description Something that is being evaluated over history. */
        BuildingBody: {
            /**
             * Format: int64
             * @description Members evaluated.
             */
            done: number;
            /** @description The segment's id, or the tag. */
            id?: string | null;
            /** @description `segment`, `tag`, `stages` or `traits`. */
            kind: string;
            /** @description As people call it. */
            name?: string | null;
            /**
             * Format: int64
             * @description Members in all, when it began.
             */
            total: number;
        };
        /** @description How far the evaluation of a rule over history has come. */
        BuildingDto: {
            /**
             * Format: int64
             * @description Members evaluated.
             */
            done: number;
            /** @description The rule that will take the place of the present one, which counts until then; none while the first is evaluated. */
            rule?: Record<string, never> | null;
            /**
             * Format: int64
             * @description Members in all, when it began.
             */
            total: number;
        };
        /** @description What a bulk change would do. */
        BulkPreview: {
            /**
             * Format: int64
             * @description How many members were looked at.
             */
            checked: number;
            /** @description Whether the following numbers are exact: every one was looked at. Else they are estimated from those who were. */
            exact: boolean;
            /**
             * Format: int64
             * @description How many of those who were named are left out since they have become one with another who is named.
             */
            excluded: number;
            /**
             * Format: int64
             * @description How many members it is about.
             */
            members: number;
            /** @description The latter by the code of the reason. */
            refusals: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Of whom something would be refused.
             */
            refused: number;
            /**
             * Format: int64
             * @description Who have what is to be added already, and nothing of what is to be removed.
             */
            unchanged: number;
            /**
             * Format: int64
             * @description Whose tags would be others, or would end at another moment.
             */
            would_change: number;
        };
        /**
         * @description Tags to add to and remove from many members: those of a segment, those who carry a tag, those whom a filter finds, or
         *     those who are named.
         */
        BulkTagChange: {
            /** @description Tags to add. */
            add?: string[];
            /** @description Only says in numbers what it would do. */
            dry_run?: boolean;
            /**
             * Format: int64
             * @description How many members whoever asks believes it to be about. When it is more than a hundredth more or fewer, nothing is done.
             */
            expected_members?: number | null;
            /**
             * Format: date-time
             * @description When the added ones come off by themselves; when left out, as their definitions say.
             */
            expires_at?: string | null;
            filter?: null | components["schemas"]["MemberFilter"];
            /** @description These members, at most 10,000. */
            members?: string[] | null;
            /** @description Tags to remove. */
            remove?: string[];
            /** @description The members of this segment. */
            segment?: string | null;
            /** @description The members who carry this tag. */
            tag?: string | null;
        };
        /** @description How events are told apart. */
        ByBody: string | {
            /** @description Its name. */
            property: string;
        } | {
            /** @description Its name. */
            trait: string;
        };
        /** @description What became of a request to cancel. */
        Cancelled: {
            /**
             * Format: int64
             * @description How many of them were cancelled; 0 of a dry run.
             */
            cancelled: number;
            /**
             * Format: int64
             * @description How many waiting messages there were to which it applies.
             */
            matching: number;
            /** @description Whether some are left: one request cancels 50,000 at most. Ask again then. */
            more: boolean;
        };
        /** @description Which waiting messages are to be cancelled: those to which all that is given applies. */
        CancelRequest: {
            /** @description Through this channel. */
            channel?: string | null;
            /** @description Of this journey. */
            journey?: string | null;
            /** @description To this member. */
            member?: string | null;
            /**
             * Format: date-time
             * @description Asked for before this moment.
             */
            queued_before?: string | null;
            /** @description With this template. */
            template?: string | null;
            /** @description About this. */
            topic?: string | null;
        };
        /** @description At most so many messages to one member within one of his local days, weeks or months. */
        Cap: {
            /** @description Through channels of this kind; through all of them together when it is `null`. */
            channel_kind?: string | null;
            /**
             * Format: int64
             * @description How many (1 to 1,000).
             */
            most: number;
            /** @description Within what. */
            per: components["schemas"]["Per"];
            /** @description What becomes of the next one. */
            then?: components["schemas"]["Then"];
            /** @description About this; about anything when it is `null`. */
            topic?: string | null;
        };
        /** @description A question on a board. */
        CardBody: {
            /** @description What kind of question it is. */
            kind: components["schemas"]["KindBody"];
            /** @description The question, kept as it is. */
            question: Record<string, never>;
            /** @description What stands above it; may be empty. */
            title: string;
            /** @description How its answer is shown. */
            view: components["schemas"]["ViewBody"];
            /**
             * Format: int32
             * @description How many columns wide it is, 1 or 2.
             */
            width: number;
        };
        /** @description A journey after a change, and what the change did. */
        ChangedJourney: components["schemas"]["JourneyDto"] & {
            /**
             * Format: int64
             * @description Messages that were cancelled.
             */
            cancelled: number;
            /**
             * Format: int64
             * @description Runs that were ended.
             */
            ended: number;
            /** @description The job that does the rest, of a large journey (`job_…`). */
            job?: string | null;
            /**
             * Format: int64
             * @description Runs that stay on their version, though others were moved.
             */
            left: number;
            /**
             * Format: int64
             * @description Runs that go on elsewhere.
             */
            moved: number;
            /**
             * Format: int64
             * @description Messages that wait and will be sent.
             */
            queued: number;
            /** @description All this in words. */
            words: components["schemas"]["Words"];
        };
        /** @description A step that is not what it was. */
        ChangedStep: {
            /** @description What is different. */
            differences: components["schemas"]["Difference"][];
            /** @description Its name. */
            step: string;
        };
        /** @description A user as he was changed. */
        ChangedUser: components["schemas"]["UserBody"] & {
            keys?: null | components["schemas"]["KeysOfUser"];
        };
        /** @description A channel. */
        Channel: {
            /** @description Its configuration; secrets read `•••`. */
            config: Record<string, never>;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            health?: null | components["schemas"]["ChannelHealth"];
            /** @description Its id. */
            id: string;
            /** @description `email`, `webhook` … */
            kind: string;
            /** @description What operators call it. */
            name: string;
            /** @description `active` or `paused`. */
            state: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
        };
        /** @description What to change of a channel. */
        ChannelChange: {
            /** @description Its whole configuration; a secret that reads `•••` stays as it is. */
            config?: Record<string, never> | null;
            /** @description What operators call it. */
            name?: string | null;
        };
        /** @description A channel to choose. How it is set up is for administrators. */
        ChannelChoice: {
            /** @description `chn_…` */
            id: string;
            /** @description `email`, `webhook` … */
            kind: string;
            /** @description What operators call it. */
            name: string;
            /** @description `active` or `paused`. */
            state: string;
        };
        /** @description A channel to try out, which may not be saved yet. */
        ChannelDraft: {
            /** @description Its configuration, with secrets. */
            config: Record<string, never>;
            /** @description The saved channel (`chn_…`) from which secrets that read `•••` are taken. */
            id?: string | null;
            /** @description `email`, `webhook` … */
            kind: string;
        };
        /** @description Why a channel does not send at the moment. */
        ChannelHealth: {
            /** @description What it said. */
            problem: string;
            /**
             * Format: date-time
             * @description When it is tried again; `null` when it first has to be changed.
             */
            retry_at?: string | null;
        };
        /** @description A kind of channel. */
        ChannelKindInfo: {
            /** @description Fields that say where the secrets go; when one of them changes, the secrets have to be given anew. */
            destinations: string[];
            /** @description What people call it, in English. */
            en: string;
            /** @description A configuration to begin with. */
            example: Record<string, never>;
            /** @description What its messages are made of: `letter` (subject, text, HTML) or `payload` (JSON). */
            form: string;
            /** @description `email`, `webhook` … */
            kind: string;
            /** @description Whether a message needs an address of the member; a kind without sends everything to one place. */
            needs_address: boolean;
            /** @description Fields of the configuration that are kept encrypted and read `•••`: `password`, `accounts[name].password`. */
            secrets: string[];
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description The kinds of channels. */
        ChannelKinds: {
            /** @description Each of them. */
            items: components["schemas"]["ChannelKindInfo"][];
        };
        /** @description The queue of one channel. */
        ChannelQueue: {
            /** @description Which channel. */
            channel: string;
            /** @description Messages that may be under way at once. */
            concurrency?: number | null;
            /**
             * Format: double
             * @description In how many seconds what is due will have gone, at the channel's pace; `null` while it does not send.
             */
            drained_in_seconds?: number | null;
            /**
             * Format: int64
             * @description Of these: what could go now.
             */
            due: number;
            /**
             * Format: date-time
             * @description When the oldest of the queued was asked for.
             */
            oldest_queued_at?: string | null;
            /**
             * Format: double
             * @description Messages that it may be given within a second; `null` while it is not connected.
             */
            per_second?: number | null;
            /** @description Why it does not send at the moment; `null` when nothing is known to be wrong. */
            problem?: string | null;
            /**
             * Format: int64
             * @description All that is queued.
             */
            queued: number;
            /**
             * Format: date-time
             * @description When it is tried again.
             */
            retry_at?: string | null;
            /**
             * Format: int64
             * @description Under way.
             */
            sending: number;
            /** @description `active` or `paused`. */
            state: string;
            /**
             * @description Of these: how much waits for what, such as `quiet_hours`; what merely waits its turn or for another attempt is not
             *     among it.
             */
            waits_for: {
                [key: string]: number;
            };
        };
        /** @description How a channel is. */
        ChannelStatus: {
            /** @description Its accounts, when it has several. */
            accounts: components["schemas"]["AccountStatus"][];
            mailbox?: null | components["schemas"]["MailboxStatus"];
            /** @description What accounts with a limit may have sent today: rights are taken in blocks, so it is a little more than what left. */
            taken_today: components["schemas"]["TakenToday"][];
        };
        /** @description What a test did, step by step. */
        ChannelTrial: {
            /** @description Whether everything went well. */
            ok: boolean;
            /** @description What was tried, in order. Behind a step that failed, nothing else of the same account is tried. */
            steps: components["schemas"]["ChannelTrialStep"][];
        };
        /** @description One step of a test. */
        ChannelTrialStep: {
            /** @description What the other side said, or why there was no answer, when it failed. */
            message?: string | null;
            /** @description Whether it went well. */
            ok: boolean;
            /** @description The part of the configuration, such as `accounts[0]` or `mailbox`; empty for the channel itself. */
            path: string;
            /** @description With whom: host and port, an address. */
            target: string;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
            /** @description `connect`, `tls`, `greeting`, `sign_in`, `sender`, `mailbox`, or `request` for a webhook. */
            what: string;
            /** @description What happened, and what to look at when it failed. */
            words: components["schemas"]["TrialWords"];
        };
        /** @description What can be chosen: of each kind that was asked for up to 200, by name; a kind that was not asked for is left out. */
        Choices: {
            /** @description Channels. */
            channels?: components["schemas"]["ChannelChoice"][] | null;
            /** @description Groups. */
            groups?: components["schemas"]["GroupChoice"][] | null;
            /** @description Journeys. */
            journeys?: components["schemas"]["JourneyChoice"][] | null;
            /** @description Segments. */
            segments?: components["schemas"]["SegmentChoice"][] | null;
            /** @description Stages, from the lowest. */
            stages?: components["schemas"]["StageChoice"][] | null;
            /** @description Tags. */
            tags?: components["schemas"]["TagChoice"][] | null;
            /** @description Templates. */
            templates?: components["schemas"]["TemplateChoice"][] | null;
            /** @description Topics, in the order in which members see them. */
            topics?: components["schemas"]["TopicChoice"][] | null;
            /** @description Users who can sign in. */
            users?: components["schemas"]["UserChoice"][] | null;
        };
        /** @description Members who began in one period. */
        CohortDto: {
            /** @description How many of these periods are over. */
            complete: number;
            /** @description How many of them came back after no period, one, two …, as far as those have begun. */
            returned: number[];
            /**
             * Format: int64
             * @description How many they are.
             */
            size: number;
            /**
             * Format: date-time
             * @description When the period began.
             */
            start: string;
        };
        /** @enum {string} */
        CohortsBody: "first" | "each";
        /** @description One column of a file. */
        Column: {
            /** @description The two formats that its dates may have when no cell decides which number is the month. */
            ambiguous_dates?: string[] | null;
            /** @description How its dates are written: `y-m-d`, `y/m/d`, `d.m.y`, `d/m/y`, `m/d/y`, `y年m月d日`, `excel`, `unix` … */
            date_format?: string | null;
            /**
             * @description Some of its cells; none for a key that may not look at members (`people:read`), and none once the file is
             *     deleted.
             */
            examples: string[];
            /** @description As the header says it; the number of the column, from 1, where there is none. */
            name: string;
            number_format?: null | components["schemas"]["NumberFormat"];
            odd_cells?: null | components["schemas"]["OddCells"];
            /** @description What may part tags in its cells: `semicolon`, `comma`, `bar`, `enumeration`. */
            separators?: string[];
            /** @description What its cells are. */
            type: components["schemas"]["ColumnType"];
        };
        /**
         * @description What the cells of a column are: all of them, but for those that say that there is nothing, and of dates nearly all.
         * @enum {string}
         */
        ColumnType: "text" | "number" | "bool" | "date" | "json" | "empty";
        /** @description What is different between two documents. */
        Comparison: {
            /** @description Steps that only the second has. */
            added: string[];
            /** @description Steps that both have, with what is different about them. */
            changed: components["schemas"]["ChangedStep"][];
            /** @description Whether there is more than is told here. */
            is_cut_off: boolean;
            /** @description Steps that only the first has. */
            removed: string[];
            /** @description Whether they are the same. */
            same: boolean;
            /** @description What is different beside the steps: entry, re-entry, goal …. */
            settings: components["schemas"]["Difference"][];
        };
        /**
         * @description Which value the profile shows when several were said.
         * @enum {string}
         */
        Conflict: "latest" | "first" | "largest" | "smallest";
        /** @description A trait of which two members say different things. */
        ConflictDto: {
            /** @description Name of the trait. */
            name: string;
            /** @description What the one profile would say: what was said last. */
            stays: unknown;
            /** @description What the profile of each says, by his id. */
            values: Record<string, never>;
        };
        /** @description A decision to record. */
        ConsentChange: {
            /** @description Kind of channel, such as `email`. */
            channel_kind: string;
            /** @description Given or withdrawn. */
            granted: boolean;
            /** @description What proves it, such as the text of a form. */
            proof?: unknown;
            /** @description About what; `*` for everything. */
            topic: string;
        };
        /** @description One decision of a member. */
        ConsentItem: {
            /** @description Kind of channel. */
            channel_kind: string;
            /**
             * @description Whether it was only claimed, by an event with a write key that is not trusted. Such a consent counts as long as
             *     nobody has decided otherwise about that topic or about everything, whenever that was.
             */
            claimed: boolean;
            /**
             * Format: date-time
             * @description When.
             */
            decided_at: string;
            /** @description Given or withdrawn. */
            granted: boolean;
            /** @description Kind of the identity that decided. */
            identity_kind: string;
            /** @description Value of the identity that decided. */
            identity_value: string;
            /** @description What proves it. */
            proof: unknown;
            /** @description Where it was made. */
            source: string;
            /** @description About what; `*` for everything. */
            topic: string;
        };
        /** @description What is to be explained. */
        ConversionBody: {
            /** @description Name of the event. */
            event?: string | null;
            /** @description The property that says what it is worth. */
            value?: string | null;
            /** @description What it has to pass. */
            where?: Record<string, never>[] | null;
        };
        /** @description What an import would do, row by row; true when nothing else happens until it runs. */
        Counts: {
            /** @description Whether all rows were looked at. A preview ends at about a million. */
            complete: boolean;
            /**
             * Format: int64
             * @description How many consents are given.
             */
            consents_given?: number;
            /**
             * Format: int64
             * @description How many are withdrawn.
             */
            consents_withdrawn?: number;
            /**
             * Format: int64
             * @description Rows that make a member.
             */
            create: number;
            /**
             * Format: int64
             * @description Rows that were imported before.
             */
            duplicate: number;
            /**
             * Format: int64
             * @description Rows that make two members one.
             */
            merge: number;
            /** @description How many rows are rejected for which reason. */
            reasons: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description Rows that are not imported.
             */
            reject: number;
            /** @description The first rejected rows. */
            rejects: components["schemas"]["ListedReject"][];
            /**
             * Format: int64
             * @description Rows that were looked at.
             */
            rows: number;
            /**
             * Format: int64
             * @description How many tags of rows are passed over since a rule or a model gives them.
             */
            ruled_tags?: number;
            /**
             * Format: int64
             * @description How many tags are to be put on, counted row by row; whoever carries one already keeps it as it is.
             */
            tags?: number;
            /**
             * Format: int64
             * @description Rows about a member who is there, or was made by a row before.
             */
            update: number;
        };
        /** @description The policy of a workspace, as it is now. */
        CurrentPolicy: {
            /** @description What was decided. */
            policy: components["schemas"]["Policy"];
            /**
             * Format: int64
             * @description To be sent along with a change; 0 while nothing was decided.
             */
            revision: number;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at?: string | null;
            /** @description By whom. */
            updated_by?: string | null;
        };
        /**
         * @description A weekday.
         * @enum {string}
         */
        Day: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
        /** @description A day, or a part of one, in numbers. What the caller may not see is `null`. */
        DayBody: {
            /**
             * Format: int64
             * @description Members who did something.
             */
            active?: number | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            from: string;
            /**
             * Format: int64
             * @description Messages that were handed over.
             */
            messages_sent?: number | null;
            /**
             * Format: int64
             * @description Members who were first seen.
             */
            new_members?: number | null;
            /**
             * Format: int64
             * @description Orders.
             */
            orders?: number | null;
            sales?: null | components["schemas"]["Sales"];
            /**
             * Format: date-time
             * @description Until when it is counted.
             */
            until: string;
        };
        /** @description Entries of one day. */
        DayOfEntries: {
            /** @description The day in the workspace's time zone, as `2026-03-26`. */
            day: string;
            /**
             * Format: int64
             * @description Runs begun that were left out, by the workspace, the journey or a step of it.
             */
            held_out: number;
            /**
             * Format: int64
             * @description Other runs begun.
             */
            treated: number;
        };
        /** @description A record that was refused at the door or could not be processed. */
        DeadLetterItem: {
            /** @description The stable code of the reason. */
            code: string;
            /**
             * @description Its id.
             * @example ded_01jd2q7w8k3xv
             */
            id: string;
            /** @description The reason in one sentence. */
            message: string;
            /**
             * @description The record as text (at most 64 KB are kept), one of another product's SDK as `{"dialect":…,"record":…}`; only when
             *     one letter is asked for.
             */
            payload?: string | null;
            /**
             * Format: date-time
             * @description When it arrived.
             */
            received_at: string;
            /**
             * Format: date-time
             * @description When it was replayed.
             */
            replayed_at?: string | null;
            /** @description Who sent it: a key's id, `import:…`, `operator:…`. */
            source: string;
        };
        /** @description Records that were refused and wait to be put right. */
        DeadLettersHealth: {
            /** @description By the code of the reason. */
            by_code: {
                [key: string]: number;
            };
            /**
             * Format: int64
             * @description All of them.
             */
            waiting: number;
        };
        /**
         * @description What stands before the decimals.
         * @enum {string}
         */
        DecimalMark: "point" | "comma";
        /** @description What goes when a channel is deleted. */
        Deletion: {
            /**
             * Format: int64
             * @description Messages that wait and would be cancelled.
             */
            queued: number;
            /**
             * Format: int64
             * @description Messages that are being sent; those of them that are to be tried again would be cancelled as well.
             */
            sending: number;
        };
        /** @description One message to one recipient. */
        Delivery: {
            /**
             * Format: date-time
             * @description When the other side took it.
             */
            accepted_at?: string | null;
            /** @description Where it goes. */
            address: string;
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /** @description Through which channel. */
            channel: string;
            /** @description Kind of that channel. */
            channel_kind: string;
            /**
             * Format: date-time
             * @description When a link in it was first followed.
             */
            clicked_at?: string | null;
            /**
             * Format: date-time
             * @description When it was reported as delivered.
             */
            delivered_at?: string | null;
            /**
             * Format: date-time
             * @description When it came to its end.
             */
            ended_at?: string | null;
            /** @description What the other side said last. */
            error?: string | null;
            /**
             * Format: date-time
             * @description When it is not sent any more, if it says so itself.
             */
            expires_at?: string | null;
            /** @description Its id. */
            id: string;
            /** @description Which journey asked for it. */
            journey?: string | null;
            /** @description To whom. */
            member: string;
            /**
             * Format: date-time
             * @description When it is tried next, while it waits.
             */
            next_attempt_at?: string | null;
            /**
             * Format: date-time
             * @description When it was first opened.
             */
            opened_at?: string | null;
            /**
             * Format: int64
             * @description The higher, the earlier it goes; 50 is normal, 100 critical.
             */
            priority: number;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            queued_at: string;
            /** @description Why it is in that state. */
            reason?: string | null;
            /** @description In which run of the journey. */
            run?: string | null;
            /**
             * Format: int64
             * @description Openings and clicks that were a scanner's and are not counted.
             */
            scanner_hits: number;
            /**
             * @description `queued`, `sending`, `accepted`, `delivered`, `bounced`, `failed`, `unknown`, `suppressed`,
             *     `expired` or `cancelled`.
             */
            state: string;
            /** @description At which step. */
            step: string;
            /** @description Which template; `null` for a webhook without one. */
            template?: string | null;
            /** @description What it is about, for consent. */
            topic: string;
            why?: null | components["schemas"]["Reason"];
        };
        /**
         * @description What became of messages. `audience` is the sum of all the others but `delivered` and `reasons`, which say more of
         *     `sent` and of all.
         */
        DeliverySummary: {
            /**
             * Format: int64
             * @description How many there are.
             */
            audience: number;
            /**
             * Format: int64
             * @description Taken and then sent back.
             */
            bounced: number;
            /**
             * Format: int64
             * @description Called off.
             */
            cancelled: number;
            /**
             * Format: int64
             * @description Of those: reported as delivered.
             */
            delivered: number;
            /**
             * Format: int64
             * @description Waited too long.
             */
            expired: number;
            /**
             * Format: int64
             * @description Not sent, for an error.
             */
            failed: number;
            /** @description By state, how many for which reason. */
            reasons: {
                [key: string]: {
                    [key: string]: number;
                };
            };
            /**
             * Format: int64
             * @description Not sent, for a reason such as a missing consent.
             */
            refused: number;
            /**
             * Format: int64
             * @description Under way.
             */
            sending: number;
            /**
             * Format: int64
             * @description Taken by the other side.
             */
            sent: number;
            /**
             * Format: int64
             * @description Nobody knows.
             */
            unknown: number;
            /**
             * Format: int64
             * @description Waiting to be sent.
             */
            waiting: number;
        };
        /** @description One message with its whole history. */
        DeliveryWithHistory: components["schemas"]["Delivery"] & {
            /** @description What happened to it, in order. */
            history: components["schemas"]["TrailEntry"][];
        };
        /** @description What was found in a file. */
        Detected: {
            /** @description How somebody has said that it is to be read, as far as he has. */
            chosen?: components["schemas"]["Reading"];
            /** @description The columns, in their order. */
            columns: components["schemas"]["Column"][];
            /** @description What stands between the cells of a text file: one character, `tab` or `whitespace`. */
            delimiter?: string | null;
            /** @description The encoding of a text file: `utf-8`, `gbk`, `big5`, `utf-16le` … */
            encoding?: string | null;
            /** @description `csv` or `xlsx`. */
            format: components["schemas"]["FileFormat"];
            /** @description Whether cells have an apostrophe before what would be a formula. */
            has_apostrophes?: boolean;
            /** @description Whether the first row names the columns. */
            has_headers: boolean;
            /**
             * Format: int64
             * @description About how many rows there are, without the header.
             */
            rows_estimated: number;
            /** @description The sheets of a workbook. */
            sheets?: string[];
        };
        /** @description One value that is not what it was. */
        Difference: {
            /** @description What the first has; missing when it has nothing there. */
            a?: unknown;
            /** @description What the second has; missing when it has nothing there. */
            b?: unknown;
            /** @description Where, from the root of the document: `document.steps.s1.for`. */
            path: string;
        };
        /** @description Bytes on the disk. */
        Disk: {
            /**
             * Format: int64
             * @description The whole data directory.
             */
            data_bytes: number;
            /**
             * Format: int64
             * @description The database; on PostgreSQL as it says itself.
             */
            database_bytes: number;
            /**
             * Format: int64
             * @description What is free where the data directory lies.
             */
            free_bytes?: number | null;
            /**
             * Format: double
             * @description The same as a share of the whole disk, from 0 to 1.
             */
            free_share?: number | null;
            /**
             * Format: int64
             * @description The log.
             */
            log_bytes: number;
            /**
             * Format: int64
             * @description How many days the log is kept at most.
             */
            log_kept_days: number;
        };
        /** @description How members differ. */
        DistributionAnswer: components["schemas"]["About"] & components["schemas"]["DistributionDto"] & {
            /** @description The same for each value of the property. */
            groups: components["schemas"]["DistributionGroup"][];
        };
        /** @description How members differ. */
        DistributionDto: {
            /** @description How many have how much. */
            buckets: components["schemas"]["BucketDto"][];
            /**
             * Format: double
             * @description The average of their numbers.
             */
            mean?: number | null;
            /**
             * Format: double
             * @description Half of them have less, or as much.
             */
            median?: number | null;
            /**
             * Format: int64
             * @description How many members did it.
             */
            members: number;
            /**
             * Format: double
             * @description Nine of ten have less, or as much.
             */
            p90?: number | null;
        };
        /** @description How members differ in one group. */
        DistributionGroup: components["schemas"]["GroupKey"] & components["schemas"]["DistributionDto"];
        /** @description How often, or how much, for each member? */
        DistributionQuestion: {
            /** @description Where the buckets begin, in order; they are chosen by themselves when left out. */
            buckets?: number[] | null;
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description Name of the event; any when left out. */
            event?: string | null;
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description What is counted of each member. */
            measure: components["schemas"]["AmountBody"];
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description The property whose numbers are meant, for sums and averages. */
            property?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description What came of it. */
        Entered: {
            /** @description Members who were asked in; whether they may come in is for the journey's re-entry to say. */
            asked: number;
            /** @description The job that lets the members of a segment in. */
            job?: string | null;
            /** @description Ids of nobody. */
            unknown: string[];
        };
        /** @description Whom to let in: `members` or `segment`. */
        Entering: {
            /** @description The correlation key of the runs; by the journey's own path into the properties when left out. */
            key?: string | null;
            /** @description At most 500 members. */
            members?: string[] | null;
            /** @description What templates and waits find as the properties of the entry. */
            properties?: Record<string, never> | null;
            /** @description Everybody who is in this segment; a job does it. */
            segment?: string | null;
        };
        /** @description What lets members into a journey. */
        EntrySummary: {
            /** @description `event`, `segment`, `segment_left`, `date`, `schedule`, `manual`, `import`, or `none` as long as nothing is said. */
            kind: string;
            /** @description In a few words. */
            words: components["schemas"]["Words"];
        };
        /** @description An erasure. */
        ErasureDto: {
            /** @description What was erased and what remains, when it is complete. */
            certificate?: Record<string, never> | null;
            /**
             * Format: date-time
             * @description When it was complete.
             */
            completed_at?: string | null;
            /**
             * Format: date-time
             * @description What arrived until then was erased.
             */
            erased_at?: string | null;
            /** @description `ers_…` */
            id: string;
            /** @description Whom it was about; the id means nobody any more. */
            member: string;
            /** @description Why. */
            reason: string;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            requested_at: string;
            /** @description Who asked for it. */
            requested_by: string;
            /** @description SHA-256 of the certificate as compact JSON with its fields sorted by name. */
            sha256?: string | null;
            /** @description `requested`, `erased` (from the state), `swept` (from texts) or `done` (also from the log). */
            state: string;
        };
        /** @description An erasure that is asked for. */
        ErasureRequest: {
            /** @description The id of the member once more, since there is no way back. */
            confirm: string;
            /** @description Why, for the certificate. Do not put personal data here: it is kept. */
            reason?: string;
        };
        /** @description Why something failed that nobody waited for: a stable code with words for people. */
        ErrorWords: {
            /** @description The code, of the same catalogue as those of problems. */
            code: string;
            /** @description What happened and what to do about it, in English. */
            en: string;
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description Many events. */
        EventBatch: {
            /** @description The events, each at most 32 KB; 500 KB together. */
            batch: components["schemas"]["EventItem"][];
            /** @description Merged under the context of each event. */
            context?: Record<string, never> | null;
            /** @description Merged under those of each event. */
            integrations?: Record<string, never> | null;
            /** @description For events that have none of their own. */
            sentAt?: string | null;
            /** @description The write key, where no `Authorization` header carries it. */
            writeKey?: string | null;
        };
        /** @description One event, as the Segment HTTP API writes it. */
        EventItem: {
            /** @description The id of a device or visitor who has not said who he is. */
            anonymousId?: string | null;
            /** @description Of `page` and `screen`: becomes the property `category`. */
            category?: string | null;
            /**
             * @description Library, page, locale, campaign … In `externalIds` stand further ids of the member, at most 20: `[{"type":
             *     "unionid", "id": "o6_bm…"}]`, as the Segment specification has them. Types are `unionid`, `openid` (WeChat),
             *     `external_userid` (WeCom), `telegram`, `matrix`, `qq`, `discord`, `slack`, `weibo`, `feishu`, `dingtalk`,
             *     `device_id`, `push_token`, `advertising_id`, `ga_client_id`, `email` and `phone`; any other becomes
             *     `external:<type>`. An event without `userId` and `anonymousId` may name its member by such an account alone.
             *     What a trusted write key, an API key or an import says of an account is believed: whoever is known by that
             *     account and by no name becomes one with the member; two who have names are suggested as a merge. A device
             *     connects nobody.
             */
            context?: Record<string, never> | null;
            /**
             * @description The name of what happened, for `track`: 1 to 200 characters.
             * @example Order Completed
             */
            event?: string | null;
            /** @description Of `group`: becomes the property `group_id`. */
            groupId?: string | null;
            /** @description Kept in the context. */
            integrations?: Record<string, never> | null;
            /** @description The second of two events with one id is dropped; at most 200 bytes. */
            messageId?: string | null;
            /** @description Of `page` and `screen`: becomes the property `name`. */
            name?: string | null;
            /** @description Of `alias`: the id by which the member was known until now. */
            previousId?: string | null;
            /**
             * @description At most 1,000 at the top level and 20 levels deep. Those of "Consent Given" and "Consent Withdrawn" are
             *     `channel` (`email` …), `purpose` (the topic, `*` for everything; a withdrawal without one covers everything),
             *     and whatever proves the decision, such as `text` and `version` of what was shown. The decision is recorded as
             *     `PUT /api/v1/members/{id}/consent` does; one that cannot be understood is kept as a dead letter. A consent that
             *     is given with a write key that is not trusted counts as long as nobody has decided otherwise; a withdrawal is
             *     believed with every key.
             */
            properties?: Record<string, never> | null;
            /** @description What the sender's clock showed when it was sent; corrects `timestamp`. */
            sentAt?: string | null;
            /**
             * @description When it happened: RFC 3339 text, or milliseconds since 1970; the time of arrival if absent.
             * @example 2026-11-21T08:00:00.000Z
             */
            timestamp?: string | null;
            /**
             * @description Of `identify` and `group`. In those of `identify`, `email` and `phone` become identities, and `email_verified`
             *     and `phone_verified` (`true`) say that the address was verified: members with the same verified address become
             *     one. Only a trusted write key, an API key and an operator are believed about that. Sent with another key, these
             *     two are left out: the address becomes an identity that is not verified, one that another member has is suggested
             *     as a merge, and the context of the event names what was left out as `traits_not_believed`.
             */
            traits?: Record<string, never> | null;
            /**
             * @description `identify`, `track`, `page`, `screen`, `group` or `alias`; required in a batch, `track` if absent in `/api/v1/events`,
             *     and said by the address elsewhere.
             * @example track
             */
            type?: string | null;
            /**
             * @description The brand's own id of the member (a number counts as its text), at most 512 bytes. This or `anonymousId` is required.
             * @example user-1
             */
            userId?: string | null;
            /** @description The write key, where no `Authorization` header carries it. */
            writeKey?: string | null;
        };
        /** @description Many events, for `/api/v1/events`; the body may also be one event. */
        EventList: {
            /** @description Merged under the context of each event. */
            context?: Record<string, never> | null;
            /** @description The events, each at most 32 KB; 500 KB together. */
            events: components["schemas"]["EventItem"][];
            /** @description For events that have none of their own. */
            sentAt?: string | null;
        };
        /** @description What became of the events. When all were accepted, only `success`. */
        EventsAccepted: {
            /**
             * Format: int64
             * @description How many are durable.
             */
            accepted?: number | null;
            /** @description The refused ones, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
            /** @description True. */
            success: boolean;
        };
        /** @description What an event says. */
        EventVariables: {
            /** @description Its name. */
            event: string;
            /** @description A journey that begins with it, if there is one. */
            journey?: string | null;
            /** @description What it says. */
            properties: components["schemas"]["TemplateVariable"][];
        };
        /** @description Who does this between two steps does not get further. */
        ExclusionBody: {
            /** @description The step that has been reached, from 1 on; 1 when left out. */
            after?: number | null;
            /** @description The step that has not been reached yet; the last one when left out. */
            before?: number | null;
            /** @description Name of the event. */
            event?: string | null;
            /** @description What it has to pass. */
            where?: Record<string, never>[] | null;
        };
        /** @description The decision trail, in order. */
        Explanation: {
            /** @description Whether there is more than is shown: of the last 20 runs, the last 500 lines. */
            cut: boolean;
            /** @description `dlv_…`, when a message was asked for. */
            delivery?: string | null;
            /** @description `jrn_…`, when a journey was asked for or sent the message. */
            journey?: string | null;
            /** @description `mem_…` */
            member: string;
            /** @description The time zone in which the sentences tell times: the member's, else the workspace's. */
            time_zone: string;
            /** @description What was decided, in order of time. */
            trail: components["schemas"]["TrailLine"][];
        };
        /**
         * @description The form of a file.
         * @enum {string}
         */
        FileFormat: "csv" | "xlsx";
        /** @description How far it is. */
        FillingDto: {
            /**
             * Format: int64
             * @description Events that have been read.
             */
            done: number;
            /**
             * Format: int64
             * @description About how many there are.
             */
            total: number;
        };
        /** @description Which events are meant. */
        FilterBody: {
            /** @description Name of the event; any when left out. */
            event?: string | null;
            /** @description What it has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
        };
        /** @description What is computed of series. */
        FormulaBody: {
            /** @description Such as `A / B * 100`: names of series, numbers, `+ - * /` and parentheses. */
            expression: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * @description What a person found out.
         * @enum {string}
         */
        Found: "accepted" | "not_sent";
        /** @description How many members went through steps. */
        FunnelAnswer: components["schemas"]["About"] & {
            /** @description The steps of those whose earliest event of the first step has each value of the property. */
            groups: components["schemas"]["FunnelGroup"][];
            /** @description The steps. */
            steps: components["schemas"]["StepDto"][];
            /** @description How long it took those who went all the way. */
            time_to_convert: components["schemas"]["TimeToConvert"];
        };
        /** @description The funnel of a group. */
        FunnelGroup: components["schemas"]["GroupKey"] & {
            /** @description The steps. */
            steps: components["schemas"]["StepDto"][];
        };
        /** @description How many members go through steps? */
        FunnelQuestion: {
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description What must not happen between two steps; only when they are ordered. */
            exclude?: components["schemas"]["ExclusionBody"][];
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In which order. */
            mode?: components["schemas"]["ModeBody"];
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description The steps, 1 to 20. */
            steps: components["schemas"]["FilterBody"][];
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description The longest time from the first step to any other, as an ISO 8601 duration; `P7D` when left out. */
            within?: string | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description A rung, with who is on it and who moved. */
        FunnelStage: {
            /**
             * Format: int64
             * @description How many members are on it now.
             */
            members: number;
            /** @description As people read it. */
            name: string;
            /**
             * @description By which rules ask for it.
             * @example buyer
             */
            stage: string;
            /** @description Who has moved since midnight. */
            today: components["schemas"]["Movement"];
            /** @description Who moved from one midnight to the next. */
            yesterday: components["schemas"]["Movement"];
        };
        /** @description A goal to save. */
        GoalBody: {
            /** @description The last day, which counts as well. */
            deadline: string;
            /** @description The first day, in the workspace's time zone. */
            from: string;
            /** @description What is counted, as a series of a trend. */
            metric: components["schemas"]["SeriesBody"];
            /** @description Its name, 1 to 200 characters. */
            name: string;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /**
             * Format: double
             * @description How much it is to be; more than 0.
             */
            target: number;
            /**
             * Format: int64
             * @description When replacing: the version that was read; a conflict is reported when it has changed.
             */
            version?: number | null;
        };
        /** @description A goal. */
        GoalDto: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Who made it. */
            created_by: string;
            /**
             * Format: date
             * @description The last day.
             */
            deadline: string;
            /**
             * Format: date
             * @description The first day.
             */
            from: string;
            /** @description `gol_…` */
            id: string;
            /** @description What is counted. */
            metric: components["schemas"]["SeriesBody"];
            /** @description Its name. */
            name: string;
            /** @description How far it is. */
            progress: components["schemas"]["Progress"];
            /** @description Whose events count; `null` for everybody's. */
            segment?: string | null;
            /**
             * Format: double
             * @description How much it is to be.
             */
            target: number;
            /**
             * Format: date-time
             * @description When it was last saved.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Counts the saves, from 1.
             */
            version: number;
        };
        /** @description A day of a goal. */
        GoalPoint: {
            /**
             * Format: date-time
             * @description When the day began.
             */
            t: string;
            /**
             * Format: double
             * @description The number.
             */
            value?: number | null;
        };
        /**
         * @description Where a goal stands.
         * @enum {string}
         */
        GoalState: "ahead" | "on_track" | "behind" | "reached" | "missed" | "unknown";
        /** @description A group to choose. */
        GroupChoice: {
            /** @description `grp_…` */
            id: string;
            /** @description The id that its senders give it. */
            key: string;
            /** @description Its name, where one was told; the key otherwise. */
            name: string;
        };
        /** @description A group. */
        GroupDto: {
            /**
             * Format: date-time
             * @description When it was first named.
             */
            created_at: string;
            /** @description `grp_…`, for rules. */
            id: string;
            /** @description The id that its senders give it. */
            key: string;
            /**
             * Format: int64
             * @description How many members belong to it.
             */
            members: number;
            /** @description What is known of it. */
            traits: Record<string, never>;
        };
        /** @description A group that needs care. */
        GroupInNeed: {
            /**
             * Format: int64
             * @description How many of them did something within the last seven days.
             */
            active_7d: number;
            /** @description `grp_…` */
            id: string;
            /**
             * Format: int64
             * @description How many came in within the last seven days.
             */
            joined_7d: number;
            /**
             * Format: int64
             * @description How many left within the last seven days.
             */
            left_7d: number;
            /**
             * Format: int64
             * @description How many belong to it.
             */
            members: number;
            /** @description What it is called. */
            name: string;
            /** @description `quiet`: hardly anybody is active. `leaving`: more leave than come. */
            why: string;
        };
        /** @description A value of a breakdown. */
        GroupKey: {
            /** @description The value; `null` for events that have none, and for the rest. */
            key?: string | null;
            /** @description Whether it stands for all values that are not told by themselves. */
            rest: boolean;
        };
        /** @description A process that answers. */
        HealthBody: {
            /** @description `ok` */
            status: string;
        };
        /** @description What is kept of a workspace's histories. */
        HistoryStandingDto: {
            /**
             * Format: int64
             * @description Records of the log that have taken effect and are not in the answers yet.
             */
            behind: number;
            /**
             * Format: int64
             * @description What is kept in memory of all workspaces, in bytes.
             */
            bytes_in_memory: number;
            /**
             * Format: int64
             * @description What the files take, in bytes.
             */
            bytes_on_disk: number;
            /**
             * Format: int64
             * @description Events that questions are answered from.
             */
            events: number;
            /** @description The file that was found to be damaged, and is being made anew. */
            fault?: string | null;
            /**
             * Format: int64
             * @description Files.
             */
            files: number;
            filling?: null | components["schemas"]["FillingDto"];
            /**
             * Format: int64
             * @description How much may be kept there.
             */
            memory_bound: number;
            /**
             * Format: int64
             * @description Those of them that are not on disk yet.
             */
            waiting: number;
        };
        /** @description The share of members whom nothing addresses. */
        Holdout: {
            /**
             * Format: double
             * @description The share, from 0 to 0.5.
             */
            share: number;
            /**
             * Format: date-time
             * @description Since when it is so.
             */
            since?: string | null;
        };
        /** @description Another share. */
        HoldoutChange: {
            /** @description Whether it is drawn anew who is left out. Reports of journeys then mix both draws. */
            reshuffle?: boolean;
            /**
             * Format: double
             * @description The share, from 0 to 0.5, kept to a millionth.
             */
            share: number;
        };
        /** @description What came of addressing everybody but the holdout, over a time. */
        HoldoutReport: {
            /**
             * Format: date-time
             * @description From when it counts.
             */
            from: string;
            /** @description The event that counts. */
            goal_event: string;
            /** @description Both sides: members known before `to`, and those of them to whom the event happened. */
            lift: components["schemas"]["Lift"];
            /**
             * Format: double
             * @description The share that is left out.
             */
            share: number;
            /**
             * Format: date-time
             * @description Since when it is so; members may have been on the other side before.
             */
            since?: string | null;
            /**
             * Format: date-time
             * @description Until when it counts; this moment not included.
             */
            to: string;
        };
        /** @description A day of the workspace. */
        HomeBody: {
            /**
             * Format: date-time
             * @description When this was found.
             */
            at: string;
            /** @description Yesterday, until the same time. */
            before: components["schemas"]["DayBody"];
            /** @description The ladder from strangers to fans, with the movement of today and of yesterday. */
            funnel?: components["schemas"]["FunnelStage"][] | null;
            /** @description Groups that need care most, at most six. */
            groups?: components["schemas"]["GroupInNeed"][] | null;
            /** @description Journeys that run, those with most members under way first, at most twelve. */
            journeys?: components["schemas"]["JourneyToday"][] | null;
            /**
             * Format: int64
             * @description How many members there are.
             */
            members?: number | null;
            /** @description What waits for somebody, the most urgent first. */
            needs: components["schemas"]["Need"][];
            /** @description What was done in that night without anybody; what did not happen is left out. */
            night: components["schemas"]["NightLine"][];
            /**
             * Format: date-time
             * @description When the last night began: yesterday at eight in the evening.
             */
            night_from: string;
            /**
             * Format: date-time
             * @description When it ended: at eight in the morning, or now.
             */
            night_until: string;
            /**
             * @description The IANA time zone in which the day began.
             * @example Asia/Shanghai
             */
            time_zone: string;
            /** @description The day so far. */
            today: components["schemas"]["DayBody"];
        };
        /**
         * @description Hours of some days of the week. When `to` is not later than `from`, they last over midnight and belong to the day on
         *     which they begin.
         */
        Hours: {
            /** @description On which days, such as `["mon", "tue"]`; every day when it is left out. */
            days?: components["schemas"]["Day"][] | null;
            /** @description From this time of day on, such as `09:00`. */
            from: string;
            /** @description Until before this time of day. */
            to: string;
        };
        /** @description One (kind, value) by which a member is known. */
        IdentityDto: {
            /** @description `idn_…` */
            id: string;
            /** @description `user_id`, `anonymous_id`, `email`, `phone` …. */
            kind: string;
            /** @description The value, normalised. */
            value: string;
            /** @description Whether its owner is proven. */
            verified: boolean;
        };
        /** @description An uploaded file, and how far its import is. */
        ImportBody: {
            /**
             * Format: int64
             * @description Its size.
             */
            bytes: number;
            /**
             * Format: date-time
             * @description When.
             */
            created_at: string;
            /** @description Who sent it. */
            created_by: string;
            /** @description What was found in the file. */
            detected: components["schemas"]["Detected"];
            /** @description Why import or preview failed: what was wrong this time, in English. */
            error?: string | null;
            /**
             * Format: date-time
             * @description When the file was deleted.
             */
            file_deleted_at?: string | null;
            /** @description `imp_…` */
            id: string;
            /** @description The mapping by which it was previewed or started last. */
            mapping?: Record<string, never> | null;
            /** @description The name of the file. */
            name: string;
            offered_mapping?: null | components["schemas"]["OfferedMapping"];
            preview?: null | components["schemas"]["Counts"];
            progress?: null | components["schemas"]["ProgressBody"];
            result?: null | components["schemas"]["ResultBody"];
            /**
             * @description `uploaded`, `previewing`, `previewed`, `preview_failed`; `queued`, `running`, `done`, `failed` or `cancelled` once
             *     it was started; `expired` when its file went before that.
             */
            state: string;
            /** @description What its columns are likely to mean. */
            suggested_mapping: components["schemas"]["SuggestedMapping"];
            why?: null | components["schemas"]["ErrorWords"];
        };
        /** @description What comes in by the tracking API and its dialects, since the process started; files that are imported come another way. */
        IngestHealth: {
            /** @description By sender, those who sent most first; at most 50. */
            by_source: components["schemas"]["SourceOfIngest"][];
            /** @description The last hour, minute by minute, the oldest first. */
            minutes: components["schemas"]["MinuteOfIngest"][];
            /**
             * Format: double
             * @description Records taken in a second, over the last minute or two.
             */
            per_second: number;
            /**
             * Format: int64
             * @description Records refused within the last 24 hours.
             */
            refused_24h: number;
            /**
             * Format: int64
             * @description Events of the day that have taken effect, of whatever origin.
             */
            today: number;
            /** @description Whether so much waits that nothing more is taken. */
            under_pressure: boolean;
        };
        /** @description From one number to another. */
        Interval: {
            /**
             * Format: double
             * @description Upper end.
             */
            high: number;
            /**
             * Format: double
             * @description Lower end.
             */
            low: number;
        };
        /** @description How long it took. */
        IntervalAnswer: components["schemas"]["About"] & {
            /** @description How many lie where. */
            buckets: components["schemas"]["PairBucket"][];
            /**
             * Format: double
             * @description The average time in seconds; `null` when there is no pair.
             */
            mean_seconds?: number | null;
            /**
             * Format: double
             * @description Half of the times are shorter.
             */
            median_seconds?: number | null;
            /**
             * Format: int64
             * @description How many members have one.
             */
            members: number;
            /**
             * Format: double
             * @description Nine of ten are shorter.
             */
            p90_seconds?: number | null;
            /**
             * Format: int64
             * @description How many pairs of events.
             */
            pairs: number;
        };
        /** @description How long does it take from one event to the next? */
        IntervalQuestion: {
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description From which events on. */
            first: components["schemas"]["FilterBody"];
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description Until which events. */
            then: components["schemas"]["FilterBody"];
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description Longer times are left out. */
            within?: string | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description A durable piece of background work. */
        JobBody: {
            /**
             * Format: int64
             * @description Runs so far.
             */
            attempts: number;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /** @description Who asked for it. */
            created_by: string;
            /**
             * Format: int64
             * @description Units done.
             */
            done: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            ended_at?: string | null;
            /** @description Why it failed, or why it is tried again: what was wrong this time, in English. */
            error?: string | null;
            /** @description `job_…` */
            id: string;
            /** @description What it does. */
            kind: string;
            /**
             * Format: double
             * @description Units done in a second since it first ran, while it runs.
             */
            rate_per_second?: number | null;
            /** @description What came of it. */
            result?: Record<string, never> | null;
            /**
             * Format: int64
             * @description How many seconds it will still take at that rate.
             */
            seconds_left?: number | null;
            /**
             * Format: date-time
             * @description When it first ran.
             */
            started_at?: string | null;
            /** @description `queued`, `running`, `done`, `failed` or `cancelled`. */
            state: string;
            target?: null | components["schemas"]["JobTarget"];
            /** @description The same for people. */
            title: components["schemas"]["ProblemWords"];
            /**
             * Format: int64
             * @description Units in all; 0 while unknown.
             */
            total: number;
            why?: null | components["schemas"]["ErrorWords"];
        };
        /** @description Background work. */
        JobsHealth: {
            /**
             * Format: int64
             * @description Failed within the last 24 hours.
             */
            failed_24h: number;
            /**
             * Format: int64
             * @description Waiting.
             */
            queued: number;
            /**
             * Format: int64
             * @description Running.
             */
            running: number;
        };
        /** @description One page of jobs. */
        JobsPage: {
            /** @description What is being evaluated over history, when it was asked for. */
            building?: components["schemas"]["BuildingBody"][] | null;
            /** @description The jobs. */
            items: components["schemas"]["JobBody"][];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description What a job is about. */
        JobTarget: {
            /** @description Its id. */
            id: string;
            /** @description `import`, `segment`, `journey` or `member`. */
            kind: string;
        };
        /** @description What to change about a draft. */
        JourneyChange: {
            /** @description A new draft. */
            document?: Record<string, never> | null;
            /** @description A new name. */
            name?: string | null;
            /**
             * Format: int64
             * @description The revision that is changed. When left out, whichever is there.
             */
            revision?: number | null;
        };
        /** @description What a document is, and what is wrong with it. */
        JourneyCheck: {
            /** @description Everything that keeps it from being published, and then what may be wrong; at most 100. */
            problems: components["schemas"]["JourneyProblem"][];
            /** @description What it does, in a few words. */
            words: components["schemas"]["JourneyWords"];
        };
        /** @description A journey to choose. */
        JourneyChoice: {
            /** @description `jrn_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description `draft`, `live`, `paused` or `stopped`. */
            state: string;
        };
        /** @description A journey, as the API shows it. */
        JourneyDto: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description The draft. */
            document: Record<string, never>;
            /** @description `jrn_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * @description What keeps the draft from being published, and what may be wrong with it; when one journey is asked for, made or
             *     changed.
             */
            problems?: components["schemas"]["JourneyProblem"][] | null;
            /**
             * Format: int64
             * @description The version that members enter; counts from 1.
             */
            published_version?: number | null;
            /**
             * Format: int64
             * @description Grows with every change of the draft and with every publication; who passes it back is told when somebody else
             *     was faster.
             */
            revision: number;
            /** @description `draft`, `live`, `paused`, `finishing` (nobody enters, runs go on to their end) or `stopped`. */
            state: string;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
        };
        /** @description Something about a document that keeps it from being published, or may be wrong. */
        JourneyProblem: {
            /**
             * @description A stable code: one of those of problems, or of a warning `unreachable_step`, `event_never_seen`,
             *     `trait_never_seen`, `topic_not_described`, `channel_paused`, `template_unfinished`, `goal_missing`.
             */
            code: string;
            /** @description How bad it is. */
            level: components["schemas"]["ProblemLevel"];
            /** @description What is wrong, as problems say it. */
            message: string;
            /** @description Where, from the root: `document.steps.mail.template`. */
            path: string;
            /** @description The step, if it is about one. */
            step?: string | null;
            /** @description The same as sentences for people. */
            words: components["schemas"]["Words"];
        };
        /** @description What a journey has done so far. */
        JourneyReport: {
            /** @description Messages by state; `null` when they were not asked for. */
            deliveries?: {
                [key: string]: number;
            } | null;
            /**
             * Format: int64
             * @description Runs begun.
             */
            entered: number;
            /** @description Entries by day, of the last 90 days on which there were any. */
            entries: components["schemas"]["DayOfEntries"][];
            /**
             * Format: int64
             * @description Runs whose goal was reached.
             */
            goals: number;
            /** @description `jrn_…` */
            id: string;
            /** @description Those addressed beside those left out. */
            lift: components["schemas"]["Lift"];
            /** @description The same for each version, by the one on which members began. */
            lift_by_version: components["schemas"]["VersionLift"][];
            messages?: null | components["schemas"]["Messages"];
            /**
             * Format: int64
             * @description The version that members enter.
             */
            published_version?: number | null;
            /** @description Runs by state: active, completed, exited, held_out, failed. Their sum is `entered`. */
            runs: {
                [key: string]: number;
            };
            /** @description `draft`, `live`, `paused`, `finishing` or `stopped`. */
            state: string;
            /** @description By step: members waiting there now, how often each thing happened there, and its messages. */
            steps: {
                [key: string]: components["schemas"]["StepReport"];
            };
            /**
             * Format: int64
             * @description How often a journey's own doing did not let somebody in who had come twenty times within the hour.
             */
            too_often: number;
            /**
             * Format: int64
             * @description The version that the figures are of; `null` for all.
             */
            version?: number | null;
        };
        /** @description A journey to begin with. */
        JourneyStarter: {
            /** @description What it does, in a sentence. */
            description: string;
            /** @description The document. What has no id yet is named `segment:KEY`, `template:KEY` and `channel:email`. */
            document: Record<string, never>;
            /** @description By which it is made: `POST /api/v1/journeys/starters/{key}`. */
            key: string;
            /** @description What of that is not there yet. */
            lacks: components["schemas"]["StarterLacks"];
            /** @description `zh` or `en`: the language in which all of this is. */
            lang: string;
            /** @description Its name. */
            name: string;
            /** @description What it needs to do anything. */
            needs: components["schemas"]["StarterNeeds"];
            /** @description Segments that are made for it. */
            segments: components["schemas"]["StarterSegmentInfo"][];
            /** @description Templates that are made for it. */
            templates: components["schemas"]["StarterTemplateInfo"][];
        };
        /** @description The starters. */
        JourneyStarters: {
            /** @description Each of them. */
            items: components["schemas"]["JourneyStarter"][];
        };
        /** @description A journey without its document. */
        JourneySummary: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * Format: int64
             * @description Runs begun, ever.
             */
            entered: number;
            /**
             * Format: int64
             * @description Runs begun within the last seven days.
             */
            entered_7d: number;
            /** @description What lets members in, by the draft. */
            entry: components["schemas"]["EntrySummary"];
            /**
             * Format: int64
             * @description Runs whose goal was reached, ever.
             */
            goals: number;
            /**
             * Format: int64
             * @description Goals reached within the last seven days.
             */
            goals_7d: number;
            /** @description Whether something keeps the draft from being published. */
            has_problems: boolean;
            /** @description `jrn_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description The version that members enter; counts from 1.
             */
            published_version?: number | null;
            /**
             * Format: int64
             * @description Grows with every change of the draft and with every publication.
             */
            revision: number;
            /** @description `draft`, `live`, `paused`, `finishing` or `stopped`. */
            state: string;
            /**
             * Format: int64
             * @description Steps of the draft.
             */
            steps: number;
            /**
             * Format: int64
             * @description Runs that are under way.
             */
            under_way: number;
            /**
             * Format: date-time
             * @description When it was last changed.
             */
            updated_at: string;
        };
        /** @description A document in the making. */
        JourneyToCheck: {
            /** @description The document, however unfinished. */
            document: Record<string, never>;
        };
        /** @description A journey that runs. */
        JourneyToday: {
            /**
             * Format: int64
             * @description How many came in today.
             */
            entered_today: number;
            /**
             * Format: int64
             * @description How many reached its goal today.
             */
            goals_today: number;
            /** @description `jrn_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description `live` or `paused`. */
            state: string;
            /**
             * Format: int64
             * @description How many members are on their way.
             */
            under_way: number;
        };
        /** @description What a document does, in a few words. */
        JourneyWords: {
            /** @description What lets members in. */
            entry: components["schemas"]["Words"];
            /** @description What each step does. */
            steps: {
                [key: string]: components["schemas"]["Words"];
            };
        };
        /** @description A key, without its secret. */
        KeyBody: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description The user it goes back to; `cli` for the command line. */
            created_by: string;
            created_by_state?: null | components["schemas"]["MakerState"];
            /**
             * @description The secret's beginning and its last four characters.
             * @example hk_…9f3c
             */
            hint: string;
            /** @description `key_…` */
            id: string;
            /** @description What it opens. */
            kind: components["schemas"]["KeyKind"];
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            last_used_at?: string | null;
            /** @description What it is for, as its creator called it. */
            name: string;
            /**
             * Format: date-time
             * @description When it was revoked.
             */
            revoked_at?: string | null;
            /** @description The role that an API key acts with. */
            role: components["schemas"]["Role"];
            /** @description What an API key may do: `*`, or areas with `read` or `write`. */
            scopes: string[];
            /**
             * @description Whether it is believed when it says that an address was verified (`email_verified`, `phone_verified`) or that
             *     two known members are one (`alias`), which makes members one. An API key always is, a write key when it was made
             *     so. A trusted key belongs on a server: whoever finds it in a page or an app can make himself one with another
             *     member.
             */
            trusted: boolean;
        };
        /** @description A new key, with its secret, which is not shown again. */
        KeyCreated: {
            /** @description `key_…` */
            id: string;
            /** @description What it opens. */
            kind: components["schemas"]["KeyKind"];
            /** @description What it is for. */
            name: string;
            /** @description What an API key may do. */
            scopes: string[];
            /** @description The secret: keep it safe, it is not shown again. */
            secret: string;
            /** @description Whether it is believed when it says that an address was verified. */
            trusted: boolean;
        };
        /** @description A key that is wanted. */
        KeyInput: {
            /** @description What it shall open. */
            kind: components["schemas"]["KeyKind"];
            /** @description What it is for, 1 to 200 characters. */
            name: string;
            /**
             * @description What an API key may do; all that you may do when left out.
             * @example [
             *       "people:read",
             *       "outreach:write"
             *     ]
             */
            scopes?: string[] | null;
            /**
             * @description For a write key: whether it is believed when it says that an address was verified (`email_verified`,
             *     `phone_verified`) or that two known members are one (`alias`), which makes members one. Only for keys that stay
             *     on a server; false when left out.
             */
            trusted?: boolean | null;
        };
        /**
         * @description What a key opens.
         * @enum {string}
         */
        KeyKind: "write" | "api";
        /** @description A key of a user who is locked out, which still works. */
        KeyOfUser: {
            /**
             * @description The secret's beginning and its last four characters.
             * @example wk_…9f3c
             */
            hint: string;
            /** @description `key_…` */
            id: string;
            /** @description What it opens. */
            kind: components["schemas"]["KeyKind"];
            /**
             * Format: date-time
             * @description When it was last used, to the minute.
             */
            last_used_at?: string | null;
            /** @description What it is for, as he called it. */
            name: string;
            /** @description Whether it is believed when it says that an address was verified. */
            trusted: boolean;
        };
        /** @description What to publish. */
        KeyRecord: {
            /** @description The name of the TXT record. */
            name: string;
            /** @description Its type, `TXT`. */
            type: string;
            /** @description Its text. A zone file divides it into strings of at most 255 bytes. */
            value: string;
        };
        /** @description What would go with a user, were he locked out now. */
        KeysBefore: {
            /**
             * Format: int64
             * @description How many of his API keys work. They are revoked with him.
             */
            api: number;
            /** @description His keys that work, newest first; the first 100 of them. */
            items: components["schemas"]["KeyOfUser"][];
            /**
             * Format: int64
             * @description How many sessions he has. They end.
             */
            sessions: number;
            /**
             * Format: int64
             * @description How many of his write keys work. They go on working unless it is asked that they do not.
             */
            write: number;
        };
        /** @description The keys of a user who is locked out. */
        KeysOfUser: {
            /** @description Those that still work, newest first; the first 100 of them. */
            items: components["schemas"]["KeyOfUser"][];
            /**
             * Format: int64
             * @description How many this request has revoked.
             */
            revoked: number;
            /**
             * Format: int64
             * @description How many still work, and will until they are revoked.
             */
            working: number;
        };
        /**
         * @description A kind of question.
         * @enum {string}
         */
        KindBody: "funnel" | "retention" | "trend" | "path" | "distribution" | "interval" | "lifecycle" | "attribution";
        /** @description The ladder of stages. */
        Ladder: {
            building?: null | components["schemas"]["Building"];
            /**
             * Format: date-time
             * @description When members were counted; up to a minute ago where counting takes long.
             */
            counted_at?: string | null;
            /** @description From the lowest; the first is that of strangers, who have reached none. */
            stages: components["schemas"]["StageDto"][];
        };
        /**
         * @description In which language reasons are written.
         * @enum {string}
         */
        Language: "en" | "zh";
        /** @description What members are in each period. */
        LifecycleAnswer: components["schemas"]["About"] & {
            /** @description By period. */
            points: components["schemas"]["LifecyclePointDto"][];
        };
        /** @description What members are in one period. */
        LifecyclePointDto: {
            /**
             * Format: int64
             * @description Active in the period before, not in this one.
             */
            dormant: number;
            /**
             * Format: int64
             * @description Active for the first time ever.
             */
            new: number;
            /**
             * Format: double
             * @description (new + resurrected) / dormant; `null` when nobody is dormant.
             */
            quick_ratio?: number | null;
            /**
             * Format: int64
             * @description Active in this period, not in the one before, but in an earlier one.
             */
            resurrected: number;
            /**
             * Format: int64
             * @description Active in this period and the one before.
             */
            returning: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            t: string;
        };
        /** @description Who is new, comes back, or stays away? */
        LifecycleQuestion: {
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description Name of the event that makes a member active; any when left out. */
            event?: string | null;
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description How long a period is; a day when left out. */
            unit?: components["schemas"]["PeriodUnit"];
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description Two sides beside each other. All shares are parts of 1. */
        Lift: {
            /**
             * Format: double
             * @description 0.05.
             */
            alpha: number;
            /**
             * Format: double
             * @description Conversion of the first minus that of the second. Of several versions, the mean of their differences, weighted
             *     after Mantel and Haenszel.
             */
            difference?: number | null;
            /** @description What may be said, in English. */
            en: string;
            /** @description Whether there is enough to judge by. */
            enough_data: boolean;
            /** @description Those who were left out. */
            held_out: components["schemas"]["ArmDto"];
            interval?: null | components["schemas"]["Interval"];
            /** @description Who is on neither side, since there was nobody to compare with. */
            not_counted: components["schemas"]["NotCounted"][];
            /**
             * Format: double
             * @description Falls to `alpha` without a difference in at most that share of comparisons, however often one looks.
             */
            p_value?: number | null;
            /**
             * Format: double
             * @description The difference in parts of the conversion of those left out.
             */
            relative_lift?: number | null;
            /** @description Those who were addressed. */
            treated: components["schemas"]["ArmDto"];
            /** @description What may be said. */
            verdict: components["schemas"]["Verdict"];
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description Who went from one step to the next. */
        LinkDto: {
            /** @description Whether nothing came. */
            exit: boolean;
            /** @description The event; `null` for those that are not told by themselves. */
            from?: string | null;
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
            /** @description The step from which, from 1 on. */
            step: number;
            /**
             * @description The next event, or the one before where paths lead to an event; `null` for those that are not told by themselves, and
             *     when nothing came.
             */
            to?: string | null;
        };
        /** @description A journey in a list: a summary where `fields=summary` was asked for. */
        ListedJourney: components["schemas"]["JourneyDto"] | components["schemas"]["JourneySummary"];
        /** @description A row that is not imported. */
        ListedReject: {
            /** @description The stable code of the reason. */
            code: string;
            /**
             * Format: int64
             * @description The line of the file on which it begins.
             */
            line: number;
            /** @description The reason in one sentence. */
            message: string;
        };
        /** @description A template in a list: a summary where `fields=summary` was asked for. */
        ListedTemplate: components["schemas"]["Template"] | components["schemas"]["TemplateSummary"];
        /** @description Who signs in. */
        LoginInput: {
            /** @description The e-mail address. */
            email: string;
            /**
             * Format: password
             * @description The password.
             */
            password: string;
        };
        /** @description How long the log keeps records as they arrived. */
        LogKept: {
            /**
             * Format: int64
             * @description Records older than this many days go.
             */
            days: number;
            /**
             * Format: int64
             * @description The oldest go while there are more megabytes than this.
             */
            megabytes: number;
        };
        /** @description A journey that was made of a starter. */
        MadeOfStarter: components["schemas"]["JourneyDto"] & {
            /** @description What it refers to: made now, or there before under the same name. */
            things: components["schemas"]["StarterThing"][];
        };
        /** @description What is known of a mailbox. */
        MailboxStatus: {
            /**
             * Format: int64
             * @description Other mails, which were passed over.
             */
            others: number;
            /** @description Why it could not be read; `null` when it could. */
            problem?: string | null;
            /**
             * Format: date-time
             * @description When it was read last.
             */
            read_at: string;
            /**
             * Format: int64
             * @description Mails that were reports about messages of the channel.
             */
            reports: number;
            /**
             * Format: int64
             * @description Mails that the server could not give, which were passed over.
             */
            unreadable: number;
        };
        /**
         * @description What has become of the user to whom a key goes back.
         * @enum {string}
         */
        MakerState: "active" | "disabled" | "removed";
        /** @description A saved mapping. */
        MappingBody: {
            /**
             * Format: date-time
             * @description When.
             */
            created_at: string;
            /** @description Who saved it. */
            created_by: string;
            /** @description `imm_…` */
            id: string;
            /** @description `events` or `members`. */
            kind: string;
            /** @description The entries. */
            mapping: Record<string, never>;
            /** @description Its name. */
            name: string;
            /**
             * Format: date-time
             * @description When it was changed last.
             */
            updated_at: string;
        };
        /** @description A mapping to work by: one of the two. */
        MappingChoice: {
            language?: null | components["schemas"]["Language"];
            /**
             * @description `kind` (`members` or `events`) and the entries: `{"kind": "members", "user_id": "会员编号", "email": "邮箱", "traits":
             *     {"city": "城市", "points": "积分:number"}, "tags": "标签", "add_tags": ["2026 展会"], "consents": [{"channel": "email",
             *     "purpose": "news", "column": "订阅", "yes": ["是", "Y"], "given_at": "订阅日期", "proof": "门店登记表"}]}`. A consent
             *     needs all of these; `no` lists what withdraws it (no, n, false, f, 0 and 否 when left out) and `withdrawn_at` since
             *     when. `tags_separator` says what parts tags where the file leaves it open. Behind `:number`, `:bool` and `:date` a
             *     cell that says that there is nothing (`-`, `N/A`, `null`, `无`, `未知` …) is an empty one; `:text` keeps it.
             */
            mapping?: Record<string, never> | null;
            /** @description A saved one. */
            mapping_id?: string | null;
        };
        /** @description Who one is and what one may do. */
        Me: {
            /** @description `user:usr_…` or `key:key_…`, as the audit log writes it. */
            actor: string;
            /**
             * @description What the caller may do, as scopes are written: `people:read`, `people:write`, `settings:read` …
             * @example [
             *       "people:read",
             *       "segments:read"
             *     ]
             */
            rights: string[];
            /** @description The role in the workspace. */
            role: components["schemas"]["Role"];
            /** @description What a key may do; `null` for a user, who may do all that his role includes. */
            scopes?: string[] | null;
            user?: null | components["schemas"]["MyUser"];
            /** @description The workspace. */
            workspace: components["schemas"]["WorkspaceBody"];
        };
        /**
         * @description What is counted.
         * @enum {string}
         */
        MeasureBody: "events" | "members" | "per_member" | "sum" | "avg" | "min" | "max" | "p50" | "p75" | "p90" | "p95" | "p99" | "members_7d" | "members_30d";
        /** @description How many members took so long. */
        MemberBucket: components["schemas"]["TimeBucket"] & {
            /**
             * Format: int64
             * @description How many.
             */
            members: number;
        };
        /** @description What to change about a member. */
        MemberChange: {
            /** @description Traits to set; `null` removes one. */
            traits: Record<string, never>;
        };
        /** @description A member, as the API shows him. */
        MemberDto: {
            /** @description By kind of channel and topic (`*` for all): whether he agreed. */
            consent: {
                [key: string]: {
                    [key: string]: boolean;
                };
            };
            /**
             * Format: date-time
             * @description When he was first seen.
             */
            created_at: string;
            /** @description `mem_…` */
            id: string;
            /** @description By what he is known. */
            identities: components["schemas"]["IdentityDto"][];
            /**
             * Format: date-time
             * @description When he last did something.
             */
            last_seen_at: string;
            /** @description Where each trait comes from; only when one member is asked for. */
            provenance?: {
                [key: string]: components["schemas"]["ProvenanceDto"];
            } | null;
            /** @description Segments that he is in now. */
            segments: string[];
            /** @description Since when he is in each of them, by its id. */
            segments_since: {
                [key: string]: string;
            };
            /** @description Life-cycle stage: the highest that he has reached. */
            stage: string;
            /**
             * Format: date-time
             * @description When he reached that stage; of a stranger, when he was first seen.
             */
            stage_since: string;
            /** @description His tags, sorted. */
            tags: string[];
            /** @description His profile. */
            traits: Record<string, never>;
        };
        /** @description Which members; all conditions must hold. */
        MemberFilter: {
            /**
             * Format: date-time
             * @description Only members who were first seen at or after this moment.
             * @default null
             */
            created_from?: string | null;
            /**
             * Format: date-time
             * @description Only members who were first seen before this moment.
             * @default null
             */
            created_to?: string | null;
            /**
             * @description Only members of this group (`grp_…`).
             * @default null
             */
            group?: string | null;
            /**
             * @description Only members whose profiles show none of these tags, at most 20.
             * @default []
             */
            not_tag?: string[];
            /**
             * @description Any part of an identity or of what the traits say, in upper or lower case, at most 1,000 characters; or a whole id.
             * @default null
             */
            q?: string | null;
            /**
             * @description Only members in this segment (`seg_…`).
             * @default null
             */
            segment?: string | null;
            /**
             * @description Only members in this life-cycle stage.
             * @default null
             */
            stage?: string | null;
            /**
             * @description Only members whose profiles show all of these tags, at most 20.
             * @default []
             */
            tag?: string[];
        };
        /** @description Members of one page, as far as they were found. */
        MemberList: {
            /** @description The members. */
            items: components["schemas"]["MemberDto"][];
            /** @description Pass as `cursor` to go on; `null` at the end. */
            next?: string | null;
            searched?: null | components["schemas"]["Searched"];
        };
        /** @description A member's way through a journey, and where he stands. */
        MemberRun: {
            /** @description Why it ended. */
            end_reason?: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            ended_at?: string | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            entered_at: string;
            /**
             * Format: date-time
             * @description When the goal was reached.
             */
            goal_at?: string | null;
            /** @description `jrn_…` */
            journey: string;
            /** @description What the journey is called. */
            journey_name: string;
            /** @description `live`, `paused`, `finishing`, `stopped`, or `deleted`. */
            journey_state: string;
            /** @description Value of the correlation key, if the journey has one. */
            key: string;
            /** @description `run_…` */
            run: string;
            /** @description `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
            state: string;
            /** @description The step at which it is, or was last. */
            step?: string | null;
            /** @description What people call that step. */
            step_title?: string | null;
            step_words?: null | components["schemas"]["Words"];
            /**
             * Format: int64
             * @description The version that it is on.
             */
            version: number;
            /** @description What it waits for: `for`, `until`, `window`, `event`, `segment`, `task`, `webhook`. */
            waits_for?: string | null;
            /**
             * Format: date-time
             * @description When its wait is over.
             */
            wake_at?: string | null;
        };
        /** @description A merge that was made. */
        Merged: {
            /** @description By which it can be undone. */
            merge_id: string;
        };
        /** @description An identity that a merge moved. */
        MergedIdentity: {
            /** @description `idn_…` */
            id: string;
            /** @description `user_id`, `anonymous_id`, `email`, `phone` …. */
            kind: string;
            /** @description Whose it is now. */
            member: string;
            /** @description The value. */
            value: string;
        };
        /** @description A merge, as the API shows it. */
        MergeDto: {
            /** @description The member who was absorbed. */
            absorbed: string;
            /** @description `mrg_…` */
            id: string;
            /**
             * @description What went over to the member who stayed, as far as it is still there; undoing it parts these from his again, unless
             *     another merge holds them together.
             */
            identities: components["schemas"]["MergedIdentity"][];
            /** @description The member who stayed. */
            kept: string;
            /**
             * Format: date-time
             * @description When.
             */
            merged_at: string;
            /** @description Why. */
            reason: string;
            /** @description The message that led to it. */
            source: string;
            /**
             * Format: date-time
             * @description When it was undone.
             */
            undone_at?: string | null;
            /** @description By whom. */
            undone_by?: string | null;
        };
        /** @description What a merge would make of two members. */
        MergePreview: {
            /** @description Traits that both have, with different values. */
            conflicts: components["schemas"]["ConflictDto"][];
            /** @description The one member that there would be. */
            member: components["schemas"]["MemberDto"];
        };
        /** @description Whom to merge. */
        MergeRequest: {
            /** @description The member who is absorbed. */
            with: string;
        };
        /** @description Messages, and what became of them. */
        Messages: {
            /**
             * Format: int64
             * @description Taken by the other side.
             */
            accepted: number;
            /**
             * Format: int64
             * @description With a link that somebody followed.
             */
            clicked: number;
            /**
             * Format: int64
             * @description Reported as delivered.
             */
            delivered: number;
            /**
             * Format: int64
             * @description Opened by somebody, not by a scanner.
             */
            opened: number;
            /**
             * Format: int64
             * @description Asked for. The sum of `states`.
             */
            queued: number;
            /** @description By their state now. */
            states: {
                [key: string]: number;
            };
        };
        /** @description What came in within a minute. */
        MinuteOfIngest: {
            /**
             * Format: int64
             * @description Records that were taken.
             */
            accepted: number;
            /**
             * Format: date-time
             * @description When it began.
             */
            at: string;
            /**
             * Format: int64
             * @description Records that were refused.
             */
            refused: number;
        };
        /** @description One event as Mixpanel writes it. */
        MixpanelEvent: {
            /** @description The name of what happened. */
            event: string;
            /** @description What is known of it; `token` (the write key), `distinct_id`, `time` and `$insert_id` among them. */
            properties: Record<string, never>;
        };
        /** @description An event that was not imported. */
        MixpanelFailed: {
            /** @description Which part is wrong. */
            field: string;
            /**
             * Format: int64
             * @description Its place in the list, from 0.
             */
            index: number;
            /** @description Its own id, where it could be read. */
            insert_id?: string | null;
            /** @description The stable code and the reason. */
            message: string;
        };
        /** @description What Mixpanel's SDKs send as a form; JSON with the records themselves is taken as well. */
        MixpanelForm: {
            /** @description A record or a list of records, as JSON or as base64 of it. Each carries the write key as its `token`. */
            data: string;
            /**
             * Format: int64
             * @description 0 for a reply that is only a number.
             */
            verbose?: number | null;
        };
        /** @description What became of events imported from Mixpanel. */
        MixpanelImported: {
            /**
             * Format: int64
             * @description The HTTP status.
             */
            code: number;
            /** @description What is wrong. */
            error?: string | null;
            /** @description The refused ones, at most 1,000; they are kept as dead letters. */
            failed_records?: components["schemas"]["MixpanelFailed"][] | null;
            /**
             * Format: int64
             * @description How many are durable.
             */
            num_records_imported?: number | null;
            /** @description Its name. */
            status: string;
        };
        /** @description What became of Mixpanel's records. */
        MixpanelStatus: {
            /**
             * Format: int64
             * @description How many are durable, when some were refused.
             */
            accepted?: number | null;
            /** @description The stable code of it. */
            code?: string | null;
            /** @description What is wrong. */
            error?: string | null;
            /** @description What to do about it. */
            help?: string | null;
            /** @description The refused ones, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
            /**
             * Format: int64
             * @description 1, or 0 when nothing was accepted.
             */
            status: number;
        };
        /**
         * @description In which order steps have to be taken.
         * @enum {string}
         */
        ModeBody: "ordered" | "strict" | "any";
        /**
         * @description How a conversion is shared.
         * @enum {string}
         */
        ModelBody: "first" | "last" | "linear" | "position" | "time_decay";
        /** @description Who came and went on a rung between two moments. */
        Movement: {
            /**
             * Format: int64
             * @description How many were on it in the end and not in the beginning, new ones among them.
             */
            entered: number;
            /**
             * Format: int64
             * @description How many were on it in the beginning and not in the end.
             */
            left: number;
        };
        /** @description A user, as he sees himself. */
        MyUser: {
            /** @description The e-mail address. */
            email: string;
            /** @description `usr_…` */
            id: string;
            /** @description The name. */
            name: string;
        };
        /** @description What something is called. */
        Name: {
            /** @description Whether it has been deleted, revoked or removed; it keeps its name. */
            gone: boolean;
            /**
             * @description What tells it from others of that name: of a member an address or another identity, of a user the address, of a
             *     key its beginning and end.
             */
            hint?: string | null;
            /** @description The member who stands for this one since they became one. */
            into?: string | null;
            /** @description What it is: `member`, `segment`, `group`, `journey`, `template`, `channel`, `task`, `import`, `user` or `key`. */
            kind: string;
            /** @description Its name. */
            name: string;
        };
        /** @description The names of what there is. */
        Names: {
            /** @description By the id that was asked for. What is not there, or not for the caller to see, is left out. */
            names: {
                [key: string]: components["schemas"]["Name"];
            };
        };
        /** @description Ids whose names are wanted. */
        NamesWanted: {
            /**
             * @description At most 500 ids of members, segments, groups, journeys, templates, channels, tasks, imports, mappings, users and
             *     keys; also as the audit log names those who act: `user:usr_…`, `key:key_…`, `journey:jrn_…`, `import:imp_…`.
             */
            ids: string[];
        };
        /** @description Something that waits for somebody. */
        Need: {
            /**
             * Format: int64
             * @description How many there are.
             */
            count?: number | null;
            /** @description What it is about, where it is one thing. */
            id?: string | null;
            /**
             * @description `channel` (one that cannot send), `dead_letters` (records that were refused), `tasks`, `suggestions` (members who
             *     may be one).
             */
            kind: string;
            /** @description Its name. */
            name?: string | null;
            /**
             * Format: int64
             * @description Of these, how many should be done by now.
             */
            overdue?: number | null;
            /** @description What the other side said. */
            said?: string | null;
        };
        /** @description A channel to make. */
        NewChannel: {
            /**
             * @description Its configuration, with secrets. `requires_consent`, `track_links`, `track_opens`,
             *     `physical_address`, `burst` (messages at once after a quiet time, 1 to 10,000) and `hook_secret` are understood for
             *     every kind.
             */
            config: Record<string, never>;
            /** @description `email`, `webhook` … */
            kind: string;
            /** @description What operators call it. */
            name: string;
        };
        /** @description A journey to make. */
        NewJourney: {
            /**
             * @description The document. Where a date lets members in, `reentry` counts by occasion: with `never`, the default, and
             *     `"every": "year"` a member enters on each of his birthdays, once on each.
             */
            document: Record<string, never>;
            /** @description Its name, 1 to 200 characters. */
            name: string;
        };
        /** @description A key to make. */
        NewKey: {
            /** @description `rsa` (the default) or `ed25519`. */
            algorithm?: string | null;
            /** @description The domain that signs. */
            domain: string;
            /** @description Which of the domain's keys it is. */
            selector: string;
        };
        /** @description A ladder to build. */
        NewLadder: {
            /** @description From the lowest above strangers; 1 to 20. */
            stages: components["schemas"]["NewStage"][];
        };
        /** @description A mapping to save. */
        NewMapping: {
            /** @description `events` or `members`. */
            kind: string;
            /** @description The entries. */
            mapping: Record<string, never>;
            /** @description Its name, 1 to 200 characters, one of its own. */
            name: string;
        };
        /** @description A policy that replaces the one before. */
        NewPolicy: {
            /** @description What is decided. */
            policy: components["schemas"]["Policy"];
            /**
             * Format: int64
             * @description Of the policy that it replaces; when that is not the present one any more, there is a conflict.
             */
            revision: number;
        };
        /** @description A segment to make. */
        NewSegment: {
            /** @description Its name, 1 to 200 characters. */
            name: string;
            /** @description Its rule. */
            rule: Record<string, never>;
        };
        /** @description A simulation to make. */
        NewSimulation: {
            /** @description How the webhooks of steps answer, by step; the others do not. */
            answers?: {
                [key: string]: components["schemas"]["WebhookReply"];
            };
            /** @description What to compare it with: the number of a version, `"draft"`, `"live"` or another document. */
            compare_with?: unknown;
            /** @description The document; the draft when left out. */
            document?: Record<string, never> | null;
            /**
             * Format: date-time
             * @description What arrived from this moment on lets members in.
             */
            from: string;
            /**
             * Format: int32
             * @description Most members to take (1 to 20,000; default 2,000).
             */
            members?: number | null;
            /** @description Only members who are in this segment today. */
            segment?: string | null;
            /** @description How the tasks of steps are done, by step; of the others each waits until its time is over. */
            tasks?: {
                [key: string]: components["schemas"]["TaskReply"];
            };
            /**
             * Format: date-time
             * @description And before this one, which is not later than now; at most 400 days after `from`. Runs that are under way then go on
             *     for up to 90 days, in which nothing happens but that time passes.
             */
            to: string;
        };
        /** @description A snapshot to make. */
        NewSnapshot: {
            /** @description Its name, 1 to 200 characters. */
            name: string;
        };
        /** @description A stage to make, or to keep. */
        NewStage: {
            /** @description Whether a member falls back when the rule no longer holds. */
            falls_back?: boolean;
            /** @description By which rules ask for it: 1 to 40 small letters, digits, "-" and "_". The same key is the same stage. */
            key: string;
            /** @description As people read it, 1 to 100 characters. */
            name: string;
            /** @description Who reaches it. It may not ask for stages. */
            rule: Record<string, never>;
        };
        /** @description A group of tags to make, or how it is to be. */
        NewTagGroup: {
            /** @description Whether a member carries at most one tag of it: putting one on takes the others off. */
            exclusive?: boolean;
            /** @description Its name, 1 to 100 characters. */
            name: string;
        };
        /** @description What to preview of a template that was not saved yet. */
        NewTemplatePreviewRequest: {
            /** @description `email` (the default) or `webhook`. */
            channel_kind?: string;
            /** @description HTML. */
            html?: string | null;
            /** @description `en` or `zh`, instead of the member's own. */
            language?: string | null;
            /** @description Whose data to use. */
            member?: string | null;
            /** @description MJML instead of HTML. */
            mjml?: string | null;
            /** @description Preheader. */
            preheader?: string | null;
            /** @description Rules by the names under which the template asks them. */
            rules?: Record<string, never> | null;
            /** @description Whether a message fails in which a variable is missing that has no fallback. */
            strict?: boolean | null;
            /** @description Subject line. */
            subject?: string | null;
            /** @description Text. */
            text?: string | null;
            /** @description Other languages. */
            translations?: {
                [key: string]: components["schemas"]["TemplateParts"];
            } | null;
            /** @description Further variables, such as `{"event": {…}}`; without a member, also `member` and `rules`. */
            variables?: Record<string, never>;
        };
        /** @description Something that was done without anybody. */
        NightLine: {
            /**
             * Format: int64
             * @description How often.
             */
            count: number;
            /**
             * @description `deliveries` (messages handed over), `refused` (messages that were not to be sent), `tasks_opened`,
             *     `tags_by_rule`, `segment_entries`, `merges`.
             */
            kind: string;
            /** @description By reason, where there are reasons. */
            reasons?: {
                [key: string]: number;
            } | null;
        };
        /** @description An event at a step. */
        NodeDto: {
            /** @description Name of the event; `null` for all that are not told by themselves. */
            event?: string | null;
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
            /** @description Whether it stands for all that are not told by themselves. */
            rest: boolean;
            /** @description The step, from 1 on; back from the event where paths lead to one. */
            step: number;
        };
        /** @description There are no feature flags. */
        NoFlags: {
            /** @description Empty. */
            featureFlags: Record<string, never>;
            /** @description Empty. */
            flags: Record<string, never>;
        };
        /** @description Members who began on a version and count for neither side. */
        NotCounted: {
            /**
             * Format: int64
             * @description How many were left out.
             */
            held_out: number;
            /** @description Why they do not count. */
            reason: components["schemas"]["WhyNotCounted"];
            /**
             * Format: int64
             * @description How many were addressed.
             */
            treated: number;
            /**
             * Format: int64
             * @description The version on which they began.
             */
            version: number;
            /**
             * Format: double
             * @description The share that the workspace left out then.
             */
            workspace_holdout: number;
        };
        /** @description How the numbers of a column are written. */
        NumberFormat: {
            /** @description The sign of the currency that stands beside them. */
            currency?: string | null;
            decimal?: null | components["schemas"]["DecimalMark"];
            /** @description Whether cells have another value with a point than with a comma before the decimals, and none decides it. */
            is_ambiguous: boolean;
            /** @description Whether all are written as programs do: without anything but digits, a minus and a point. */
            is_plain: boolean;
            /** @description Whether a percent sign follows each: `12%` is 0.12, as spreadsheets reckon. */
            percent: boolean;
        };
        /** @description Cells of a column that are not what the column is. */
        OddCells: {
            /**
             * @description One that is no date like the others; none for a key that may not look at members (`people:read`), and none once
             *     the file is deleted.
             */
            example?: string | null;
            /**
             * Format: int64
             * @description How many do not fit the others. Of a column of dates, which reject their rows; of a column of texts nearly all of
             *     whose cells are numbers, those that are none.
             */
            misfits: number;
            /**
             * Format: int64
             * @description How many say that there is nothing, such as `-`, `N/A` and `未知`; they are taken for empty.
             */
            nothing: number;
            /**
             * Format: int64
             * @description Of how many cells that were looked at and say something.
             */
            of: number;
        };
        /** @description A saved mapping that fits. */
        OfferedMapping: {
            /** @description `imm_…` */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description Whom two segments share. */
        Overlap: {
            /**
             * Format: int64
             * @description Members of both.
             */
            both: number;
            /**
             * Format: int64
             * @description Members of the one.
             */
            size: number;
            /**
             * Format: int64
             * @description Members of the other.
             */
            with_size: number;
        };
        /** @description The outbox of a workspace. */
        Overview: {
            /** @description Its channels. */
            channels: components["schemas"]["ChannelQueue"][];
        };
        /** @description Conversions and what they were worth. */
        OwedDto: {
            /**
             * Format: double
             * @description How many.
             */
            conversions: number;
            /**
             * Format: double
             * @description What they were worth.
             */
            value: number;
        };
        /** @description A new password for oneself. */
        OwnPasswordInput: {
            /**
             * Format: password
             * @description The present password.
             */
            current: string;
            /**
             * Format: password
             * @description The new one, at least 10 characters.
             */
            new: string;
        };
        /** @description One page of a list. */
        Page_AuditLine: {
            /** @description The items. */
            items: {
                /** @description What was done: a word and a verb in the past tense, such as `key.created`. */
                action: string;
                /** @description `user:usr_…`, `key:key_…`, or a part of the program. */
                actor: string;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description What is new. */
                detail: Record<string, never>;
                /** @description `aud_…` */
                id: string;
                /** @description The id of what was changed. */
                target: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_BoardDto: {
            /** @description The items. */
            items: {
                /** @description Its cards. */
                cards: components["schemas"]["CardBody"][];
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description Who made it. */
                created_by: string;
                /** @description `brd_…` */
                id: string;
                /** @description Its name. */
                name: string;
                /** @description Which days it shows; `null` for those of each question. */
                period?: string | null;
                /**
                 * Format: date-time
                 * @description When it was last saved.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Counts the saves, from 1.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_Channel: {
            /** @description The items. */
            items: {
                /** @description Its configuration; secrets read `•••`. */
                config: Record<string, never>;
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                health?: null | components["schemas"]["ChannelHealth"];
                /** @description Its id. */
                id: string;
                /** @description `email`, `webhook` … */
                kind: string;
                /** @description What operators call it. */
                name: string;
                /** @description `active` or `paused`. */
                state: string;
                /**
                 * Format: date-time
                 * @description When it was last changed.
                 */
                updated_at: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_ConsentItem: {
            /** @description The items. */
            items: {
                /** @description Kind of channel. */
                channel_kind: string;
                /**
                 * @description Whether it was only claimed, by an event with a write key that is not trusted. Such a consent counts as long as
                 *     nobody has decided otherwise about that topic or about everything, whenever that was.
                 */
                claimed: boolean;
                /**
                 * Format: date-time
                 * @description When.
                 */
                decided_at: string;
                /** @description Given or withdrawn. */
                granted: boolean;
                /** @description Kind of the identity that decided. */
                identity_kind: string;
                /** @description Value of the identity that decided. */
                identity_value: string;
                /** @description What proves it. */
                proof: unknown;
                /** @description Where it was made. */
                source: string;
                /** @description About what; `*` for everything. */
                topic: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_DeadLetterItem: {
            /** @description The items. */
            items: {
                /** @description The stable code of the reason. */
                code: string;
                /**
                 * @description Its id.
                 * @example ded_01jd2q7w8k3xv
                 */
                id: string;
                /** @description The reason in one sentence. */
                message: string;
                /**
                 * @description The record as text (at most 64 KB are kept), one of another product's SDK as `{"dialect":…,"record":…}`; only when
                 *     one letter is asked for.
                 */
                payload?: string | null;
                /**
                 * Format: date-time
                 * @description When it arrived.
                 */
                received_at: string;
                /**
                 * Format: date-time
                 * @description When it was replayed.
                 */
                replayed_at?: string | null;
                /** @description Who sent it: a key's id, `import:…`, `operator:…`. */
                source: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_Delivery: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When the other side took it.
                 */
                accepted_at?: string | null;
                /** @description Where it goes. */
                address: string;
                /**
                 * Format: int64
                 * @description How often it was tried.
                 */
                attempts: number;
                /** @description Through which channel. */
                channel: string;
                /** @description Kind of that channel. */
                channel_kind: string;
                /**
                 * Format: date-time
                 * @description When a link in it was first followed.
                 */
                clicked_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it was reported as delivered.
                 */
                delivered_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it came to its end.
                 */
                ended_at?: string | null;
                /** @description What the other side said last. */
                error?: string | null;
                /**
                 * Format: date-time
                 * @description When it is not sent any more, if it says so itself.
                 */
                expires_at?: string | null;
                /** @description Its id. */
                id: string;
                /** @description Which journey asked for it. */
                journey?: string | null;
                /** @description To whom. */
                member: string;
                /**
                 * Format: date-time
                 * @description When it is tried next, while it waits.
                 */
                next_attempt_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it was first opened.
                 */
                opened_at?: string | null;
                /**
                 * Format: int64
                 * @description The higher, the earlier it goes; 50 is normal, 100 critical.
                 */
                priority: number;
                /**
                 * Format: date-time
                 * @description When it was asked for.
                 */
                queued_at: string;
                /** @description Why it is in that state. */
                reason?: string | null;
                /** @description In which run of the journey. */
                run?: string | null;
                /**
                 * Format: int64
                 * @description Openings and clicks that were a scanner's and are not counted.
                 */
                scanner_hits: number;
                /**
                 * @description `queued`, `sending`, `accepted`, `delivered`, `bounced`, `failed`, `unknown`, `suppressed`,
                 *     `expired` or `cancelled`.
                 */
                state: string;
                /** @description At which step. */
                step: string;
                /** @description Which template; `null` for a webhook without one. */
                template?: string | null;
                /** @description What it is about, for consent. */
                topic: string;
                why?: null | components["schemas"]["Reason"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_ErasureDto: {
            /** @description The items. */
            items: {
                /** @description What was erased and what remains, when it is complete. */
                certificate?: Record<string, never> | null;
                /**
                 * Format: date-time
                 * @description When it was complete.
                 */
                completed_at?: string | null;
                /**
                 * Format: date-time
                 * @description What arrived until then was erased.
                 */
                erased_at?: string | null;
                /** @description `ers_…` */
                id: string;
                /** @description Whom it was about; the id means nobody any more. */
                member: string;
                /** @description Why. */
                reason: string;
                /**
                 * Format: date-time
                 * @description When it was asked for.
                 */
                requested_at: string;
                /** @description Who asked for it. */
                requested_by: string;
                /** @description SHA-256 of the certificate as compact JSON with its fields sorted by name. */
                sha256?: string | null;
                /** @description `requested`, `erased` (from the state), `swept` (from texts) or `done` (also from the log). */
                state: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_GoalDto: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description Who made it. */
                created_by: string;
                /**
                 * Format: date
                 * @description The last day.
                 */
                deadline: string;
                /**
                 * Format: date
                 * @description The first day.
                 */
                from: string;
                /** @description `gol_…` */
                id: string;
                /** @description What is counted. */
                metric: components["schemas"]["SeriesBody"];
                /** @description Its name. */
                name: string;
                /** @description How far it is. */
                progress: components["schemas"]["Progress"];
                /** @description Whose events count; `null` for everybody's. */
                segment?: string | null;
                /**
                 * Format: double
                 * @description How much it is to be.
                 */
                target: number;
                /**
                 * Format: date-time
                 * @description When it was last saved.
                 */
                updated_at: string;
                /**
                 * Format: int64
                 * @description Counts the saves, from 1.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_GroupDto: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was first named.
                 */
                created_at: string;
                /** @description `grp_…`, for rules. */
                id: string;
                /** @description The id that its senders give it. */
                key: string;
                /**
                 * Format: int64
                 * @description How many members belong to it.
                 */
                members: number;
                /** @description What is known of it. */
                traits: Record<string, never>;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_ImportBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description Its size.
                 */
                bytes: number;
                /**
                 * Format: date-time
                 * @description When.
                 */
                created_at: string;
                /** @description Who sent it. */
                created_by: string;
                /** @description What was found in the file. */
                detected: components["schemas"]["Detected"];
                /** @description Why import or preview failed: what was wrong this time, in English. */
                error?: string | null;
                /**
                 * Format: date-time
                 * @description When the file was deleted.
                 */
                file_deleted_at?: string | null;
                /** @description `imp_…` */
                id: string;
                /** @description The mapping by which it was previewed or started last. */
                mapping?: Record<string, never> | null;
                /** @description The name of the file. */
                name: string;
                offered_mapping?: null | components["schemas"]["OfferedMapping"];
                preview?: null | components["schemas"]["Counts"];
                progress?: null | components["schemas"]["ProgressBody"];
                result?: null | components["schemas"]["ResultBody"];
                /**
                 * @description `uploaded`, `previewing`, `previewed`, `preview_failed`; `queued`, `running`, `done`, `failed` or `cancelled` once
                 *     it was started; `expired` when its file went before that.
                 */
                state: string;
                /** @description What its columns are likely to mean. */
                suggested_mapping: components["schemas"]["SuggestedMapping"];
                why?: null | components["schemas"]["ErrorWords"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_KeyBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description The user it goes back to; `cli` for the command line. */
                created_by: string;
                created_by_state?: null | components["schemas"]["MakerState"];
                /**
                 * @description The secret's beginning and its last four characters.
                 * @example hk_…9f3c
                 */
                hint: string;
                /** @description `key_…` */
                id: string;
                /** @description What it opens. */
                kind: components["schemas"]["KeyKind"];
                /**
                 * Format: date-time
                 * @description When it was last used, to the minute.
                 */
                last_used_at?: string | null;
                /** @description What it is for, as its creator called it. */
                name: string;
                /**
                 * Format: date-time
                 * @description When it was revoked.
                 */
                revoked_at?: string | null;
                /** @description The role that an API key acts with. */
                role: components["schemas"]["Role"];
                /** @description What an API key may do: `*`, or areas with `read` or `write`. */
                scopes: string[];
                /**
                 * @description Whether it is believed when it says that an address was verified (`email_verified`, `phone_verified`) or that
                 *     two known members are one (`alias`), which makes members one. An API key always is, a write key when it was made
                 *     so. A trusted key belongs on a server: whoever finds it in a page or an app can make himself one with another
                 *     member.
                 */
                trusted: boolean;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_ListedJourney: {
            /** @description The items. */
            items: (components["schemas"]["JourneyDto"] | components["schemas"]["JourneySummary"])[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_ListedTemplate: {
            /** @description The items. */
            items: (components["schemas"]["Template"] | components["schemas"]["TemplateSummary"])[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_MappingBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When.
                 */
                created_at: string;
                /** @description Who saved it. */
                created_by: string;
                /** @description `imm_…` */
                id: string;
                /** @description `events` or `members`. */
                kind: string;
                /** @description The entries. */
                mapping: Record<string, never>;
                /** @description Its name. */
                name: string;
                /**
                 * Format: date-time
                 * @description When it was changed last.
                 */
                updated_at: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_MemberDto: {
            /** @description The items. */
            items: {
                /** @description By kind of channel and topic (`*` for all): whether he agreed. */
                consent: {
                    [key: string]: {
                        [key: string]: boolean;
                    };
                };
                /**
                 * Format: date-time
                 * @description When he was first seen.
                 */
                created_at: string;
                /** @description `mem_…` */
                id: string;
                /** @description By what he is known. */
                identities: components["schemas"]["IdentityDto"][];
                /**
                 * Format: date-time
                 * @description When he last did something.
                 */
                last_seen_at: string;
                /** @description Where each trait comes from; only when one member is asked for. */
                provenance?: {
                    [key: string]: components["schemas"]["ProvenanceDto"];
                } | null;
                /** @description Segments that he is in now. */
                segments: string[];
                /** @description Since when he is in each of them, by its id. */
                segments_since: {
                    [key: string]: string;
                };
                /** @description Life-cycle stage: the highest that he has reached. */
                stage: string;
                /**
                 * Format: date-time
                 * @description When he reached that stage; of a stranger, when he was first seen.
                 */
                stage_since: string;
                /** @description His tags, sorted. */
                tags: string[];
                /** @description His profile. */
                traits: Record<string, never>;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_MemberRun: {
            /** @description The items. */
            items: {
                /** @description Why it ended. */
                end_reason?: string | null;
                /**
                 * Format: date-time
                 * @description When it ended.
                 */
                ended_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                entered_at: string;
                /**
                 * Format: date-time
                 * @description When the goal was reached.
                 */
                goal_at?: string | null;
                /** @description `jrn_…` */
                journey: string;
                /** @description What the journey is called. */
                journey_name: string;
                /** @description `live`, `paused`, `finishing`, `stopped`, or `deleted`. */
                journey_state: string;
                /** @description Value of the correlation key, if the journey has one. */
                key: string;
                /** @description `run_…` */
                run: string;
                /** @description `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
                state: string;
                /** @description The step at which it is, or was last. */
                step?: string | null;
                /** @description What people call that step. */
                step_title?: string | null;
                step_words?: null | components["schemas"]["Words"];
                /**
                 * Format: int64
                 * @description The version that it is on.
                 */
                version: number;
                /** @description What it waits for: `for`, `until`, `window`, `event`, `segment`, `task`, `webhook`. */
                waits_for?: string | null;
                /**
                 * Format: date-time
                 * @description When its wait is over.
                 */
                wake_at?: string | null;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_MergeDto: {
            /** @description The items. */
            items: {
                /** @description The member who was absorbed. */
                absorbed: string;
                /** @description `mrg_…` */
                id: string;
                /**
                 * @description What went over to the member who stayed, as far as it is still there; undoing it parts these from his again, unless
                 *     another merge holds them together.
                 */
                identities: components["schemas"]["MergedIdentity"][];
                /** @description The member who stayed. */
                kept: string;
                /**
                 * Format: date-time
                 * @description When.
                 */
                merged_at: string;
                /** @description Why. */
                reason: string;
                /** @description The message that led to it. */
                source: string;
                /**
                 * Format: date-time
                 * @description When it was undone.
                 */
                undone_at?: string | null;
                /** @description By whom. */
                undone_by?: string | null;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_PastQuery: {
            /** @description The items. */
            items: {
                /** @description Who asked it. */
                by: string;
                /** @description Why it has no answer, as a code; `cancelled` when nobody waited for it any more. */
                error?: string | null;
                /** @description `qry_…` */
                id: string;
                /** @description The query. */
                query: string;
                /**
                 * Format: date-time
                 * @description When it was asked.
                 */
                ran_at: string;
                /**
                 * Format: int64
                 * @description How many rows it told.
                 */
                rows?: number | null;
                /**
                 * Format: int64
                 * @description How long it took, in milliseconds.
                 */
                took_ms: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_Queued: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description How often it was tried.
                 */
                attempts: number;
                /** @description Through which channel. */
                channel: string;
                /** @description Kind of that channel. */
                channel_kind: string;
                /**
                 * Format: date-time
                 * @description When it is not sent any more, if it says so itself.
                 */
                expires_at?: string | null;
                /** @description The delivery. */
                id: string;
                /** @description Which journey asked for it. */
                journey?: string | null;
                /** @description To whom. */
                member: string;
                /**
                 * Format: date-time
                 * @description Not before this moment; `null` when it may go at once, or when something else than time has to change.
                 */
                not_before?: string | null;
                /**
                 * Format: int64
                 * @description The higher, the earlier it goes.
                 */
                priority: number;
                /**
                 * Format: date-time
                 * @description When it was asked for.
                 */
                queued_at: string;
                /** @description At which step. */
                step: string;
                /** @description Which template; `null` for a webhook without one. */
                template?: string | null;
                /** @description What it is about. */
                topic: string;
                /** @description Why it waits. */
                why: components["schemas"]["Reason"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_RunDto: {
            /** @description The items. */
            items: {
                /**
                 * Format: int64
                 * @description Lines that come before these; `…/runs/{run}/trace` has them all.
                 */
                earlier_lines: number;
                /** @description Why it ended. */
                end_reason?: string | null;
                /**
                 * Format: date-time
                 * @description When it ended.
                 */
                ended_at?: string | null;
                /**
                 * Format: date-time
                 * @description When it began.
                 */
                entered_at: string;
                /**
                 * Format: date-time
                 * @description When the goal was reached.
                 */
                goal_at?: string | null;
                /** @description `run_…` */
                id: string;
                /** @description Value of the correlation key, if the journey has one. */
                key: string;
                /** @description `mem_…` */
                member: string;
                /** @description `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
                state: string;
                /** @description Where it is now. */
                step?: string | null;
                /** @description What happened last, in order: some fifty lines. */
                trace: components["schemas"]["TraceDto"][];
                /**
                 * Format: int64
                 * @description The version that it is on; who was moved began on another.
                 */
                version: number;
                /**
                 * Format: date-time
                 * @description When its wait is over.
                 */
                wake_at?: string | null;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_SegmentChangeDto: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description True for entering. */
                entered: boolean;
                /** @description Who. */
                member_id: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_SegmentDto: {
            /** @description The items. */
            items: {
                building?: null | components["schemas"]["BuildingDto"];
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description `seg_…` */
                id: string;
                /** @description Its name. */
                name: string;
                /** @description Its rule, in canonical form. */
                rule: Record<string, never>;
                /**
                 * Format: int64
                 * @description How many members are in it now.
                 */
                size: number;
                /** @description The segment of which it is a snapshot, if it is one: its rule does not change then. */
                snapshot_of?: string | null;
                /** @description `building` while its rule, or a changed one, is evaluated over history; `live` otherwise. */
                state: string;
                /**
                 * Format: date-time
                 * @description When its name or rule was last changed.
                 */
                updated_at: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_SimulationDto: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was asked for.
                 */
                created_at: string;
                /** @description Who asked for it. */
                created_by: string;
                /**
                 * Format: int64
                 * @description Members copied and events told, of both versions.
                 */
                done: number;
                /**
                 * Format: date-time
                 * @description When it ended.
                 */
                ended_at?: string | null;
                /** @description Why it failed: what was wrong this time, in English. */
                error?: string | null;
                /**
                 * Format: date-time
                 * @description From when.
                 */
                from: string;
                /** @description `job_…`, the id of its job. */
                id: string;
                /** @description What came of it; lists leave it out. */
                result?: Record<string, never> | null;
                /** @description `queued`, `running`, `done`, `failed` or `cancelled`. */
                state: string;
                /**
                 * Format: date-time
                 * @description Until when.
                 */
                to: string;
                /**
                 * Format: int64
                 * @description How many there are, as far as that is known.
                 */
                total: number;
                why?: null | components["schemas"]["ErrorWords"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_SuggestionDto: {
            /** @description The items. */
            items: {
                /** @description What says so: the message, and the identity of each with its kind, its value and whether it is verified. */
                evidence: Record<string, never>;
                /** @description `sug_…` */
                id: string;
                /** @description Both as they are now, first the older one; in lists. */
                members: components["schemas"]["SuggestedMember"][];
                /** @description The older of the two. */
                one: string;
                /** @description The other. */
                other: string;
                /**
                 * @description Why they may be one: `same address`, `same verified address`, `same account`, `same verified account`; `alias`,
                 *     or `alias from a key that is not trusted`, which anybody can send; `verified address that the other only
                 *     claims`, of whom one has perhaps taken what is not his: split the address off him instead. Or the reason of the
                 *     merge that an operator undid.
                 */
                reason: string;
                /** @description `open`, `accepted`, `dismissed`, or `obsolete` when the two were made one for another reason. */
                state: string;
                /**
                 * Format: date-time
                 * @description When it was noticed.
                 */
                suggested_at: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_Suppression: {
            /** @description The items. */
            items: {
                /** @description The address. */
                address: string;
                /** @description Kind of channel. */
                channel_kind: string;
                /**
                 * Format: date-time
                 * @description Since when.
                 */
                created_at: string;
                /** @description `bounced`, `complained`, `unsubscribed` or `manual`; for a topic, `consent_withdrawn`. */
                reason: string;
                /**
                 * @description The delivery or the person that caused it. An erasure (`ers_…`): whoever had the address was erased, and all
                 *     that is kept of it is a keyed hash, so it is shown to those only who ask for this address.
                 */
                source: string;
                /**
                 * @description About what it gets nothing; `null` for everything. Only withdrawals of somebody who was erased have one here;
                 *     they end when the member who has the address now grants his consent.
                 */
                topic?: string | null;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TagChangeDto: {
            /** @description The items. */
            items: {
                /** @description True for putting on. */
                added: boolean;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description Kind of the identity that carries it. */
                identity_kind: string;
                /** @description Value of that identity. */
                identity_value: string;
                /** @description Who did it; `expiry` when it came off by itself. */
                source: string;
                /** @description The tag. */
                tag: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TagDto: {
            /** @description The items. */
            items: {
                /** @description What it means. */
                description: string;
                /**
                 * @description Whether that is the exact number. Where very many carry tags, identities are counted, of which a member may have
                 *     several.
                 */
                exact: boolean;
                /** @description How long after it was put on it comes off by itself. */
                expires_after?: string | null;
                /** @description The group in which it stands. */
                group_id?: string | null;
                /** @description Who puts it on members: operators (`static`), a rule or a model. */
                kind: components["schemas"]["TagKind"];
                /**
                 * Format: int64
                 * @description How many members carry it; `null` when numbers were not asked for.
                 */
                members?: number | null;
                /** @description Who fills it, when it is predictive. */
                model?: string | null;
                /** @description Who carries it, when it is dynamic. */
                rule?: Record<string, never> | null;
                /** @description The tag. */
                tag: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TagGroupDto: {
            /** @description The items. */
            items: {
                /** @description Whether a member carries at most one tag of it. */
                exclusive: boolean;
                /** @description Its id. */
                id: string;
                /** @description Its name. */
                name: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TaskDto: {
            /** @description The items. */
            items: {
                /** @description For whom: the id or the e-mail address of a user; empty for whoever comes first. */
                assignee: string;
                /**
                 * Format: date-time
                 * @description When it was done, or was over otherwise.
                 */
                closed_at?: string | null;
                /** @description Who did it. */
                closed_by?: string | null;
                /**
                 * Format: date-time
                 * @description Until when it is to be done.
                 */
                due_at?: string | null;
                /** @description `tsk_…` */
                id: string;
                /** @description `jrn_…` */
                journey: string;
                /** @description About whom. */
                member: string;
                /** @description More about it. */
                note: string;
                /**
                 * Format: date-time
                 * @description Since when it is there.
                 */
                opened_at: string;
                /** @description What came of it. */
                outcome?: string | null;
                /** @description The outcomes that are asked for; any word will do when there are none. */
                outcomes: string[];
                /** @description What was said about it when it was done. */
                remark?: string | null;
                /** @description `run_…` */
                run: string;
                /** @description `open`, `done`, `expired`, or `cancelled` when the member left the journey. */
                state: string;
                /** @description The step of the journey. */
                step: string;
                /** @description What is to be done. */
                title: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TemplatePartial: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When it was made.
                 */
                created_at: string;
                /** @description For HTML. */
                html: string;
                /** @description A piece of MJML, such as a section. */
                mjml: string;
                /** @description By which templates put it in: `{% include "footer" %}`. */
                name: string;
                /** @description For texts, and for everything else when it has no other form. */
                text: string;
                /**
                 * Format: date-time
                 * @description When it was last saved.
                 */
                updated_at: string;
                /** @description The ids of the templates that put it in, and the names of the partials that do. */
                used_by: string[];
                /**
                 * Format: int64
                 * @description Counts the saves that changed something, from 1.
                 */
                version: number;
                /** @description What may be wrong with it; only in the reply to a save. */
                warnings?: components["schemas"]["TemplateWarning"][] | null;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TemplatePartialVersion: {
            /** @description The items. */
            items: {
                /** @description For HTML. */
                html: string;
                /** @description A piece of MJML. */
                mjml: string;
                /**
                 * Format: date-time
                 * @description When it was saved.
                 */
                saved_at: string;
                /** @description Who saved it; empty for what was saved before versions were kept. */
                saved_by: string;
                /** @description For texts, and for everything else when it has no other form. */
                text: string;
                /**
                 * Format: int64
                 * @description Which one it is, from 1.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TemplateVersion: {
            /** @description The items. */
            items: {
                /** @description Everything that it says; not in lists. */
                content?: Record<string, never> | null;
                /** @description What operators called it. */
                name: string;
                /**
                 * Format: date-time
                 * @description When it was saved.
                 */
                saved_at: string;
                /** @description Who saved it; empty for what was saved before versions were kept. */
                saved_by: string;
                /** @description Subject line. */
                subject: string;
                /**
                 * Format: int64
                 * @description Which one it is, from 1.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TimelineEntry: {
            /** @description The items. */
            items: {
                /** @description Library, page, campaign …. */
                context: Record<string, never>;
                /** @description `evt_…` */
                id: string;
                /**
                 * @description Which call or part of Hearth made it: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`, `delivery`;
                 *     `tag`, `segment`, `stage`, `merge`, `consent` or `journey`.
                 */
                kind: string;
                /** @description `mem_…`: to whom it happened, when that was another member, who has become one with this one since. */
                member?: string | null;
                /** @description The sender's id of the message. */
                message_id: string;
                /** @description Name of the event. */
                name: string;
                /** @description Its properties. */
                properties: Record<string, never>;
                /**
                 * Format: date-time
                 * @description When it arrived.
                 */
                received_at: string;
                /** @description Who sent it. */
                source: string;
                /**
                 * Format: date-time
                 * @description When it happened.
                 */
                timestamp: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TopicDto: {
            /** @description The items. */
            items: {
                /** @description The message that asks to confirm; its variable `confirm_url` leads to the button. */
                confirm_template?: string | null;
                /** @description What it is about. */
                description: components["schemas"]["Bilingual"];
                /** @description Whether a consent counts only once it is confirmed from the address itself. */
                double_opt_in: boolean;
                /** @description As members read it. */
                name: components["schemas"]["Bilingual"];
                /**
                 * Format: int64
                 * @description Its place on the page; the smallest is first.
                 */
                position: number;
                /**
                 * @description Whether the preference page shows it to everybody; one that is not shown is seen by those who have got a message
                 *     about it.
                 */
                shown: boolean;
                /** @description By which messages and consents name it. */
                topic: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TraceDto: {
            /** @description The items. */
            items: {
                /** @description What happened. */
                action: string;
                /**
                 * Format: date-time
                 * @description When.
                 */
                at: string;
                /** @description Particulars. */
                detail: Record<string, never>;
                /** @description At which step; empty for the run as a whole. */
                step: string;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_TraitDto: {
            /** @description The items. */
            items: {
                building?: null | components["schemas"]["TraitBuilding"];
                /** @description How it is computed, if it is. */
                computed?: Record<string, never> | null;
                /** @description Which of several values the profile shows. */
                conflict: components["schemas"]["Conflict"];
                /** @description Its name. */
                name: string;
                /** @description `building` while profiles are decided anew after a change, `deleting` while they are before it goes, `live` otherwise. */
                state: string;
                /** @description As people read it. */
                title: string;
                /** @description What its values are. */
                value_type: components["schemas"]["ValueType"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_UserBody: {
            /** @description The items. */
            items: {
                /**
                 * Format: date-time
                 * @description When he was added.
                 */
                created_at: string;
                /**
                 * Format: date-time
                 * @description Since when he cannot sign in.
                 */
                disabled_at?: string | null;
                /** @description The e-mail address, by which he signs in. */
                email: string;
                /** @description `usr_…` */
                id: string;
                /** @description The name. */
                name: string;
                /** @description What he may do. */
                role: components["schemas"]["Role"];
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description One page of a list. */
        Page_VersionDto: {
            /** @description The items. */
            items: {
                /** @description The document; not in lists. */
                document?: Record<string, never> | null;
                /** @description Whether it is the one that members enter, as long as the journey lets anybody in. */
                is_current: boolean;
                /**
                 * Format: date-time
                 * @description When it was published.
                 */
                published_at: string;
                /** @description By whom. */
                published_by: string;
                /**
                 * Format: int64
                 * @description Runs that are under way on it.
                 */
                under_way: number;
                /**
                 * Format: int64
                 * @description Counts from 1.
                 */
                version: number;
            }[];
            /** @description Pass as `cursor` to get the next page; `null` at the end. */
            next?: string | null;
        };
        /** @description How many times lie between two lengths. */
        PairBucket: components["schemas"]["TimeBucket"] & {
            /**
             * Format: int64
             * @description How many pairs.
             */
            pairs: number;
        };
        /** @description A member as he would be after it. */
        PartedMember: {
            /**
             * Format: int64
             * @description How many events would be his.
             */
            events: number;
            /** @description `mem_…` */
            id: string;
            /** @description By what he would be known. */
            identities: components["schemas"]["MergedIdentity"][];
            /** @description The tags that he would carry, of those that were put on. */
            tags: string[];
            /** @description How many traits were said under these identities. */
            traits: number;
        };
        /** @description The size of a part of a rule. */
        PartSize: {
            /** @description Whether that is exact. */
            exact: boolean;
            /**
             * Format: int64
             * @description It is not more than this.
             */
            high?: number | null;
            /**
             * Format: int64
             * @description It is not less than this.
             */
            low?: number | null;
            /** @description Where it stands, such as `rule.all[0]`. */
            path: string;
            /**
             * Format: int64
             * @description How many members it holds for by itself; `null` when there was no time to say.
             */
            size?: number | null;
        };
        /** @description A new password for a user. */
        PasswordInput: {
            /**
             * Format: password
             * @description At least 10 characters.
             */
            password: string;
        };
        /** @description A query that was asked. */
        PastQuery: {
            /** @description Who asked it. */
            by: string;
            /** @description Why it has no answer, as a code; `cancelled` when nobody waited for it any more. */
            error?: string | null;
            /** @description `qry_…` */
            id: string;
            /** @description The query. */
            query: string;
            /**
             * Format: date-time
             * @description When it was asked.
             */
            ran_at: string;
            /**
             * Format: int64
             * @description How many rows it told.
             */
            rows?: number | null;
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
        };
        /** @description Which ways members took. */
        PathAnswer: components["schemas"]["About"] & {
            /** @description Who went from where to where. */
            links: components["schemas"]["LinkDto"][];
            /**
             * Format: int64
             * @description How many members took any.
             */
            members: number;
            /** @description Events by step, the most frequent by themselves. */
            nodes: components["schemas"]["NodeDto"][];
            /** @description The most frequent whole ways. */
            ways: components["schemas"]["WayDto"][];
        };
        /** @description Which ways do members take? */
        PathQuestion: {
            anchor?: null | components["schemas"]["AnchorBody"];
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description Whether the same event several times in a row counts once; true when left out. */
            collapse?: boolean | null;
            /** @description How many events a path has at the most, 2 to 12; 5 when left out. */
            depth?: number | null;
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description Only these events. */
            only?: string[] | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description All events but these. */
            without?: string[];
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description How to pause. */
        Pause: {
            /** @description Whether messages that still wait are cancelled; they are sent otherwise. */
            cancel_queued?: boolean;
        };
        /**
         * @description A unit of the calendar, by the member's clock.
         * @enum {string}
         */
        Per: "day" | "week" | "month";
        /**
         * @description How long a period is.
         * @enum {string}
         */
        PeriodUnit: "hour" | "day" | "week" | "month";
        /** @description A step of a version. */
        PlaceDto: {
            /** @description The step. */
            step: string;
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
        };
        /** @description The value of a period. */
        PointDto: {
            /**
             * Format: date-time
             * @description When it began.
             */
            t: string;
            /**
             * Format: double
             * @description The value; `null` when there is none.
             */
            value?: number | null;
        };
        /**
         * @description The policy of a workspace. Messages that a member caused himself (topic `transactional`), and those that go to systems
         *     (webhooks), are neither capped nor kept waiting by it.
         */
        Policy: {
            /** @description Frequency caps; all of them hold. */
            caps?: components["schemas"]["Cap"][];
            /** @description Whether critical messages pass caps, quiet hours and windows. */
            critical_passes?: boolean;
            /** @description How long a message may wait that does not say so itself, as an ISO 8601 duration; 72 hours when it is `null`. */
            expire_after?: string | null;
            quiet_hours?: null | components["schemas"]["QuietHours"];
            /** @description By kind of channel, when its messages may go; other kinds at any time. */
            windows?: {
                [key: string]: components["schemas"]["Windows"];
            };
        };
        /** @description What became of PostHog's events. */
        PostHogAccepted: {
            /**
             * Format: int64
             * @description How many are durable, when some were refused.
             */
            accepted?: number | null;
            /** @description The refused ones, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
            /**
             * Format: int64
             * @description 1.
             */
            status: number;
        };
        /** @description What PostHog's SDKs send; the body may also be one event with `api_key`. */
        PostHogBatch: {
            /** @description The write key, where no header carries it. */
            api_key?: string | null;
            /** @description The events, each at most 32 KB. */
            batch: Record<string, never>[];
            /** @description Whether `sent_at` says nothing about the clock that wrote the timestamps. */
            historical_migration?: boolean | null;
            /** @description What the sender's clock showed when it was sent. */
            sent_at?: string | null;
        };
        /** @description One event as PostHog writes it. */
        PostHogEvent: {
            /** @description The write key; `token` is as good. */
            api_key: string;
            /** @description Who; it may also stand in the properties. */
            distinct_id: string;
            /** @description The name of what happened. */
            event: string;
            /** @description What is known of it. */
            properties?: Record<string, never> | null;
            /** @description When it happened. */
            timestamp?: string | null;
            /** @description The second of two events with one id is dropped. */
            uuid?: string | null;
        };
        /** @description What became of PostHog's events, by their `uuid`. */
        PostHogResults: {
            /**
             * Format: int64
             * @description How many are durable, when some were refused.
             */
            accepted?: number | null;
            /** @description The refused ones, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
            /** @description `{"result":"drop","details":…}` for each that was refused and has a `uuid`. */
            results: Record<string, never>;
        };
        /** @description What publishing would do. */
        Preview: {
            /**
             * Format: int64
             * @description How many of them publishing would cancel.
             */
            cancelled: number;
            /**
             * Format: int64
             * @description Runs that would be ended.
             */
            ended: number;
            /**
             * @description Steps that runs could come to before they are moved, and of which the mapping says nothing. Who does stays on his
             *     version.
             */
            may_reach: components["schemas"]["PlaceDto"][];
            /**
             * Format: int64
             * @description Runs that would go on at a step of the new version.
             */
            moved: number;
            /** @description Messages of this journey that wait to be sent. */
            queued: components["schemas"]["QueuedDto"][];
            /**
             * Format: int64
             * @description The revision that would be published.
             */
            revision: number;
            /** @description Who stands where, by version and step. */
            standing: components["schemas"]["StandingDto"][];
            /**
             * Format: int64
             * @description Of those, runs that would stay on their version.
             */
            stay: number;
            /**
             * Format: int64
             * @description Runs under way now.
             */
            under_way: number;
            /**
             * Format: int64
             * @description Runs at steps of which the mapping says nothing; while there are any, publishing is refused.
             */
            unmapped: number;
            /** @description Where the mapping lacks something (`running.move.…`). */
            unmapped_paths: string[];
            /** @description Steps of the new version that nobody can come to: neither who enters nor who is moved. */
            unreached: string[];
            /** @description Steps of the new version that nobody of those moved can come to. */
            unreached_by_moved: string[];
            /**
             * Format: int64
             * @description The number that the new version would have.
             */
            version: number;
        };
        /** @description What a rule would give now. */
        PreviewDto: {
            /**
             * Format: int64
             * @description Of those of whom it takes their events to say, so many were asked.
             */
            checked: number;
            /** @description Whether that is exact. */
            exact: boolean;
            /**
             * Format: int64
             * @description It is not more than this, with 95 per cent confidence.
             */
            high: number;
            /**
             * Format: int64
             * @description It is not less than this, with 95 per cent confidence.
             */
            low: number;
            /**
             * Format: int64
             * @description So many there are of them; the others are known exactly.
             */
            of: number;
            /** @description The uppermost conditions of the rule by themselves, where they were asked for. */
            parts: components["schemas"]["PartSize"][];
            /**
             * @description Whether nothing is known yet, since everybody is being read for the first time: the numbers say nothing then, and
             *     whoever asks again soon is answered.
             */
            pending: boolean;
            /** @description Ten of them, the newest that were found. */
            sample: components["schemas"]["MemberDto"][];
            /**
             * Format: int64
             * @description How many members it holds for, or the best estimate of that.
             */
            size: number;
        };
        /** @description A rule to try. */
        PreviewRequest: {
            /** @description Whether to count each of the uppermost conditions by itself as well. */
            parts?: boolean;
            /**
             * Format: int64
             * @description For how many milliseconds to count at most, 50 to 30,000: then the answer is the best estimate so far. Without it the
             *     number is exact, or the answer is `timeout` after 30 seconds.
             */
            patience_ms?: number | null;
            /** @description The rule. */
            rule: Record<string, never>;
        };
        /**
         * @description With what it is compared.
         * @enum {string}
         */
        PreviousBody: "period" | "year";
        /** @description Values of another time. */
        PreviousDto: {
            /** @description The value of each period, in the same order. */
            points: components["schemas"]["PointDto"][];
            /**
             * Format: double
             * @description The value of all of them together.
             */
            total?: number | null;
        };
        /** @description An RFC 9457 problem, as it stands in the body. */
        ProblemBody: {
            /**
             * @description The stable code to match on.
             * @enum {string}
             */
            code: "malformed_json" | "invalid_body" | "invalid_query" | "invalid_path" | "invalid_cursor" | "unsupported_media_type" | "body_too_large" | "batch_too_large" | "not_found" | "method_not_allowed" | "conflict" | "already_exists" | "idempotency_key_reused" | "internal" | "unavailable" | "interrupted" | "disk_full" | "overloaded" | "timeout" | "unauthenticated" | "forbidden" | "login_failed" | "rate_limited" | "setup_done" | "weak_password" | "cross_site" | "event_too_large" | "missing_identity" | "missing_field" | "invalid_field" | "unknown_call" | "unsupported_operation" | "too_many_properties" | "too_many_traits" | "traits_too_large" | "too_many_identities" | "wrong_trait_type" | "list_too_long" | "tag_is_dynamic" | "too_many_tags" | "too_deep" | "nul_character" | "number_out_of_range" | "timestamp_out_of_range" | "poison" | "ragged_row" | "unreadable_file" | "spreadsheet_too_large" | "too_many_columns" | "invalid_mapping" | "import_running" | "invalid_rule" | "contradictory_rule" | "rule_too_complex" | "segment_cycle" | "unknown_reference" | "invalid_question" | "question_too_large" | "history_damaged" | "invalid_journey" | "journey_cycle" | "too_many_steps" | "simulation_too_large" | "task_closed" | "invalid_template" | "template_failed" | "template_too_costly" | "invalid_channel" | "channel_test_failed" | "forbidden_address" | "in_use" | "wrong_state" | "bad_token" | "invalid_signature";
            /** @description What is wrong this time. */
            detail?: string | null;
            /** @description The wrong parts of the request, by path. */
            errors?: components["schemas"]["ProblemOfField"][] | null;
            /** @description What to do about it. */
            help: string;
            /** @description The detail, or else the title; for clients that only show one text. */
            message: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description What happened, in a few words. */
            title: string;
            /** @description `urn:hearth:problem:` and the code. */
            type: string;
            /** @description What happened and what to do about it, for people. */
            words: components["schemas"]["ProblemWords"];
        };
        /**
         * @description How bad it is.
         * @enum {string}
         */
        ProblemLevel: "error" | "warning";
        /** @description What is wrong with one part of a request. */
        ProblemOfField: {
            /** @description The stable code. */
            code: string;
            /** @description What is wrong with it, in English. */
            message: string;
            /**
             * @description JSON path from the root of the body, such as `rule.all[2].within`; of a batch of which all was refused the place of
             *     the record, such as `[3]`.
             */
            path: string;
            words?: null | components["schemas"]["ProblemWords"];
        };
        /** @description A text for people. */
        ProblemWords: {
            /** @description In English. */
            en: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description How far a goal is. */
        Progress: {
            /**
             * Format: double
             * @description The share that there would be by now if every day brought the same; `null` for numbers that do not add up.
             */
            expected_share?: number | null;
            /**
             * Format: double
             * @description The number at the deadline, when days go on as the last 28 did, each as others of its weekday; `null` when it is too
             *     early to say.
             */
            forecast?: number | null;
            /**
             * Format: double
             * @description It will not be more, with 95 per cent confidence.
             */
            high?: number | null;
            /**
             * Format: double
             * @description It will not be less, with 95 per cent confidence.
             */
            low?: number | null;
            /** @description Day by day from the first on; what adds up is summed up to the end of each day. */
            points: components["schemas"]["GoalPoint"][];
            /**
             * Format: double
             * @description Its share of the target.
             */
            share?: number | null;
            /** @description What that means. */
            state: components["schemas"]["GoalState"];
            /**
             * Format: double
             * @description The number so far; `null` when there is none.
             */
            value?: number | null;
        };
        /** @description How far work is. */
        ProgressBody: {
            /** @description The job that does it. */
            job: string;
            /**
             * Format: double
             * @description Of a hundred.
             */
            percent: number;
            /** @description `preview`; `reading` until all rows are durable in the log, then `taking_effect`. */
            phase?: string | null;
            /**
             * Format: int64
             * @description Rows done.
             */
            rows: number;
            /**
             * Format: double
             * @description How fast it goes.
             */
            rows_per_second?: number | null;
            /**
             * Format: int64
             * @description About how many there are.
             */
            total: number;
        };
        /** @description Where a trait comes from. */
        ProvenanceDto: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Kind of the identity under which it was said. */
            identity_kind: string;
            /** @description Value of that identity. */
            identity_value: string;
            /** @description Who said it: a key, an operator, an import. */
            source: string;
        };
        /** @description How to publish. */
        Publication: {
            /** @description Whether messages that still wait are cancelled when the new version has no such step any more. */
            cancel_queued?: boolean;
            /**
             * Format: int64
             * @description The revision of the draft that is meant. When left out, the one that was there when the request arrived.
             */
            revision?: number | null;
            /** @description What becomes of those who are under way: `"stay"` or `{"move": {"old step": "new step" | null, …}}`. */
            running?: components["schemas"]["Running"];
        };
        /** @description The answer to a query. */
        QueryAnswer: {
            /** @description The columns. */
            columns: components["schemas"]["QueryColumn"][];
            /** @description Whether there are more rows. */
            more: boolean;
            /** @description The rows: numbers as numbers (whole ones from 2^53 on as texts), moments as RFC 3339 in UTC. */
            rows: Record<string, never>[][];
            /**
             * Format: int64
             * @description How long it took, in milliseconds.
             */
            took_ms: number;
        };
        /** @description A query. */
        QueryBody: {
            /** @description How many rows are told at the most, 1 to 10,000; 1,000 when left out. More than that is taken as 10,000. */
            limit?: number | null;
            /** @description One statement that reads. */
            query: string;
        };
        /** @description A column of an answer or of a table. */
        QueryColumn: {
            /** @description Its name. */
            name: string;
            /** @description What its values are: `text`, `integer`, `double`, `decimal`, `boolean`, `timestamp`, `date`, `time`, `interval`, `nested`. */
            type: string;
        };
        /** @description A table that can be asked. */
        QueryTable: {
            /** @description What it holds. */
            about: components["schemas"]["Words"];
            /** @description Its columns. */
            columns: components["schemas"]["QueryColumn"][];
            /** @description Its name. */
            name: string;
        };
        /** @description What can be asked. */
        QueryTables: {
            /** @description The tables. */
            tables: components["schemas"]["QueryTable"][];
        };
        /** @description A question about a file. */
        Question: {
            /**
             * @description What is asked, for programs: `user_id_is_contact`, `user_id_is_missing`, `not_all_are_numbers`,
             *     `some_cells_do_not_fit`, `ambiguous_dates`, `ambiguous_numbers`, `percentages`, `several_separators` or
             *     `may_be_consent`.
             */
            code: string;
            /** @description The column that it is about. */
            column?: string | null;
            /** @description In whole sentences. */
            message: components["schemas"]["Words"];
        };
        /** @description A message that waits. */
        Queued: {
            /**
             * Format: int64
             * @description How often it was tried.
             */
            attempts: number;
            /** @description Through which channel. */
            channel: string;
            /** @description Kind of that channel. */
            channel_kind: string;
            /**
             * Format: date-time
             * @description When it is not sent any more, if it says so itself.
             */
            expires_at?: string | null;
            /** @description The delivery. */
            id: string;
            /** @description Which journey asked for it. */
            journey?: string | null;
            /** @description To whom. */
            member: string;
            /**
             * Format: date-time
             * @description Not before this moment; `null` when it may go at once, or when something else than time has to change.
             */
            not_before?: string | null;
            /**
             * Format: int64
             * @description The higher, the earlier it goes.
             */
            priority: number;
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            queued_at: string;
            /** @description At which step. */
            step: string;
            /** @description Which template; `null` for a webhook without one. */
            template?: string | null;
            /** @description What it is about. */
            topic: string;
            /** @description Why it waits. */
            why: components["schemas"]["Reason"];
        };
        /** @description Messages of one step that wait. */
        QueuedDto: {
            /** @description Whether the new version has no such step. */
            is_removed: boolean;
            /**
             * Format: int64
             * @description How many.
             */
            messages: number;
            /** @description The step. */
            step: string;
            /**
             * Format: int64
             * @description The version of the runs that they belong to.
             */
            version: number;
        };
        /** @description Hours in which nobody is written to. */
        QuietHours: {
            /** @description From this time of day on, such as `22:00`. */
            from: string;
            /** @description What becomes of a message that is due then. */
            then?: components["schemas"]["Then"];
            /** @description Until before this time of day, such as `08:00`. */
            to: string;
            /** @description By whose clock. */
            zone?: components["schemas"]["Whose"];
        };
        /** @description A range of time. */
        RangeDto: {
            /**
             * Format: date-time
             * @description The first moment.
             */
            from: string;
            /**
             * Format: date-time
             * @description The moment before which all are.
             */
            to: string;
        };
        /** @description How a file is to be read; what is left out is found by itself. */
        Reading: {
            /**
             * @description What stands between the cells of a text file: one character, `tab` or `whitespace`.
             * @default null
             * @example ;
             */
            delimiter?: string | null;
            /**
             * @description The encoding of a text file: `utf-8`, `gbk`, `gb18030`, `big5`, `utf-16le` …
             * @default null
             * @example gb18030
             */
            encoding?: string | null;
            /**
             * @description Whether the first row names the columns.
             * @default null
             */
            has_headers?: boolean | null;
            /**
             * @description Which sheet of a workbook.
             * @default null
             */
            sheet?: string | null;
        };
        /** @description Why a message waits, or came to its end. */
        Reason: {
            /**
             * @description `due`, `scheduled`, `retry`, `channel_paused`, `breaker`, `quiet_hours`, `outside_window`, `frequency_cap`,
             *     `higher_priority`, `warm_up`, `domain_rate` or another reason of the ledger.
             */
            code: string;
            /** @description The same in English. */
            en: string;
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description An event that was refused. */
        RejectedEvent: {
            /** @description The stable code of the reason. */
            code: string;
            /**
             * Format: int64
             * @description Its place in the list, from 0.
             */
            index: number;
            /** @description The reason in one sentence. */
            message: string;
            /** @description Its own id, where it could be read. */
            messageId?: string | null;
        };
        /** @description What is left of a user who was removed. */
        RemovedUser: {
            /** @description What has become of the keys that went back to him, and which of them still work. */
            keys: components["schemas"]["KeysOfUser"];
        };
        /** @description What to take instead of what a starter brings along. */
        Replacements: {
            /** @description Segments (`seg_…`) by the keys of the starter. */
            segment?: {
                [key: string]: string;
            };
            /** @description Templates (`tpl_…`) by the keys of the starter. */
            template?: {
                [key: string]: string;
            };
        };
        /** @description What became of a replay. */
        Replayed: {
            /** @description Those that were refused again; they stay as they are. */
            failed: components["schemas"]["ReplayFailure"][];
            /** @description With `code`: pass it as `after` to go on; `null` at the end. */
            next?: string | null;
            /**
             * Format: int64
             * @description How many records are now in the log.
             */
            replayed: number;
            /**
             * Format: int64
             * @description How many had been replayed before and were left alone.
             */
            skipped: number;
        };
        /** @description A dead letter that was refused again. */
        ReplayFailure: {
            /** @description The stable code of the reason. */
            code: string;
            /** @description Its id. */
            id: string;
            /** @description The reason in one sentence. */
            message: string;
        };
        /** @description Which dead letters to replay: either `ids` or `code`. */
        ReplayMany: {
            /** @description With `code`: the `next` of the reply before. */
            after?: string | null;
            /** @description Those with this code that have not been replayed, oldest first, 200 at a time. */
            code?: string | null;
            /** @description These, at most 200. */
            ids?: string[] | null;
        };
        /** @description How to replay one dead letter. */
        ReplayOne: {
            /** @description A corrected record to take in its place, in the form of one event of the tracking API, or as the letter shows it. */
            payload?: Record<string, never> | null;
        };
        /** @description Which draft a version is to replace. */
        Restoration: {
            /**
             * Format: int64
             * @description The revision of the draft that is replaced. When left out, whichever is there.
             */
            revision?: number | null;
        };
        /** @description What an import did. */
        ResultBody: {
            /**
             * Format: int64
             * @description Rows that are in the log and have taken effect.
             */
            imported: number;
            /**
             * Format: int64
             * @description Rows that are not; `GET …/rejects` has them.
             */
            rejected: number;
            /**
             * Format: int64
             * @description Rows of these that an earlier import of the same file with the same mapping did.
             */
            resumed_after?: number;
        };
        /** @description How long events are kept, and how far it is carried out. */
        Retention: {
            /** @description For all events that are not named; `null` for ever. */
            default?: string | null;
            /** @description By name of event; `null` for ever. */
            events: Record<string, never>;
            last_run?: null | components["schemas"]["RetentionRun"];
            /** @description How long records stay in the log as they arrived, whatever is said here. */
            log: components["schemas"]["LogKept"];
        };
        /** @description Who came back. */
        RetentionAnswer: components["schemas"]["About"] & {
            /** @description By number of periods, the share of all who could have come back by now. */
            average: (number | null)[];
            /** @description By the period in which they began. */
            cohorts: components["schemas"]["CohortDto"][];
            /** @description The same for those who began with each value of the property; who began in several cohorts may be in several. */
            groups: components["schemas"]["RetentionGroup"][];
        };
        /** @description How long events are kept. */
        RetentionChange: {
            /** @description For all events that are not named: a period such as `P730D`, at least a day; `null` for ever. */
            default?: string | null;
            /** @description By name of event: a period, or `null` for ever. */
            events?: Record<string, never>;
        };
        /** @description Members who began with one value of the property. */
        RetentionGroup: components["schemas"]["GroupKey"] & {
            /** @description By number of periods, the share of all who could have come back by now. */
            average: (number | null)[];
            /** @description How many of them came back after no period, one, two …, in all cohorts for which those have begun. */
            returned: number[];
            /**
             * Format: int64
             * @description How many they are, in all cohorts.
             */
            size: number;
        };
        /** @description Who comes back? */
        RetentionQuestion: {
            /** @description Whether they have to come back in that very period, or in that one or later. */
            back?: components["schemas"]["BackBody"];
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description Whether members belong to the cohort of the first period in which they began, or to all in which they did. */
            cohorts?: components["schemas"]["CohortsBody"];
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            /** @description For how many periods each cohort is followed, its own among them, 1 to 104; 8 when left out. */
            periods?: number | null;
            /** @description By what they come back. */
            return: components["schemas"]["FilterBody"];
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description With what members begin. */
            start: components["schemas"]["FilterBody"];
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description How long a period is; a day when left out. */
            unit?: components["schemas"]["PeriodUnit"];
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description One time that events were looked through. */
        RetentionRun: {
            /**
             * Format: int64
             * @description Events deleted so far.
             */
            deleted: number;
            /**
             * Format: int64
             * @description Events looked at.
             */
            done: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            ended_at?: string | null;
            /** @description `job_…` */
            job: string;
            /** @description `queued`, `running`, `done`, `failed` or `cancelled`. */
            state: string;
            /**
             * Format: int64
             * @description Events in all.
             */
            total: number;
        };
        /**
         * @description What a user may do in a workspace; each role may do everything that the one below may.
         * @enum {string}
         */
        Role: "viewer" | "analyst" | "operator" | "admin" | "owner";
        /** @description The first rows of a file. */
        RowsBody: {
            /** @description The names of the columns, or their numbers where the file does not name them. */
            columns: string[];
            /** @description Whether there are more. */
            more: boolean;
            /** @description The rows behind the header. Of a cell at most 200 characters are shown. */
            rows: string[][];
        };
        /** @description A word that a rule may ask for. */
        RuleWord: {
            /** @description Whether a trait is computed from events. */
            computed?: boolean | null;
            /** @description Whether a trait is defined. */
            defined?: boolean | null;
            /** @description Some of the values that were seen, the latest first. */
            examples?: unknown[];
            /** @description What a rule writes for it, where that is something else: the key of a stage, the id of a segment or a group. */
            key?: string | null;
            /** @description Who gives a tag: `static`, `dynamic` or `predictive`. */
            kind?: string | null;
            /**
             * Format: date-time
             * @description When the latest of the events was seen, as far as it is among the newest.
             */
            last_at?: string | null;
            /**
             * Format: int64
             * @description How many members have it, where that is known without counting.
             */
            members?: number | null;
            /**
             * @description How people read it: the name of the event, the property, the trait, the tag, the stage, the segment or the group, and
             *     of a value its text.
             */
            name: string;
            /** @description `building` or `live`, of a segment. */
            state?: string | null;
            /** @description What a trait is called by people, where that is settled. */
            title?: string | null;
            /**
             * @description What the values are that were seen: `text`, `number`, `boolean`, `date`, `list` or `object`; of a defined trait what it
             *     is defined to be.
             */
            types?: string[];
            /** @description The value itself, where values were asked for. */
            value?: unknown;
        };
        /** @description Words to choose from. */
        RuleWords: {
            /** @description Whether these are all: `false` when there are more, and where only samples were looked at. */
            complete: boolean;
            /** @description The words. */
            items: components["schemas"]["RuleWord"][];
        };
        /** @description One member's way through a journey, with its last decisions. */
        RunDto: {
            /**
             * Format: int64
             * @description Lines that come before these; `…/runs/{run}/trace` has them all.
             */
            earlier_lines: number;
            /** @description Why it ended. */
            end_reason?: string | null;
            /**
             * Format: date-time
             * @description When it ended.
             */
            ended_at?: string | null;
            /**
             * Format: date-time
             * @description When it began.
             */
            entered_at: string;
            /**
             * Format: date-time
             * @description When the goal was reached.
             */
            goal_at?: string | null;
            /** @description `run_…` */
            id: string;
            /** @description Value of the correlation key, if the journey has one. */
            key: string;
            /** @description `mem_…` */
            member: string;
            /** @description `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
            state: string;
            /** @description Where it is now. */
            step?: string | null;
            /** @description What happened last, in order: some fifty lines. */
            trace: components["schemas"]["TraceDto"][];
            /**
             * Format: int64
             * @description The version that it is on; who was moved began on another.
             */
            version: number;
            /**
             * Format: date-time
             * @description When its wait is over.
             */
            wake_at?: string | null;
        };
        /** @description What becomes of those who are under way when a version is published. */
        Running: "stay" | {
            /**
             * @description They go on at these steps of the new version, by the step at which they stand; `null` ends the run. Every step at
             *     which somebody stands must be named.
             */
            move: {
                [key: string]: string | null;
            };
        };
        /** @description What orders brought. */
        Sales: {
            /**
             * Format: double
             * @description The sum.
             */
            amount: number;
            /**
             * @description In which currency, as the orders say it; empty where they do not.
             * @example CNY
             */
            currency: string;
            /**
             * @description The event that counts as an order.
             * @example Order Completed
             */
            event: string;
            /** @description Sums in other currencies, which fewer orders name. */
            others: components["schemas"]["SalesBeside"][];
            /**
             * @description The property that was added up.
             * @example revenue
             */
            property: string;
        };
        /** @description What orders brought in another currency. */
        SalesBeside: {
            /**
             * Format: double
             * @description The sum.
             */
            amount: number;
            /** @description In which currency. */
            currency: string;
        };
        /** @description What was found. */
        SearchBody: {
            /** @description By kind; a kind of which nothing was found is left out. */
            groups: components["schemas"]["SearchGroup"][];
        };
        /** @description How far a list has looked for one page. */
        Searched: {
            /**
             * @description Whether that were all of them; while it is false, the next page goes on where this one stopped, even if this one is
             *     not full.
             */
            done: boolean;
            /**
             * Format: int64
             * @description How many members were looked at for this page.
             */
            members: number;
        };
        /** @description What was found of one kind. */
        SearchGroup: {
            /** @description Whether all there are were looked through; of very many members only the newest are. */
            complete: boolean;
            /** @description The best first. */
            items: components["schemas"]["SearchItem"][];
            /**
             * @description `members`, `segments`, `journeys`, `templates`, `channels`, `tags`, `users`; or for an id that names one thing
             *     `deliveries`, `runs`, `jobs`, `imports`, `tasks`, `events`.
             */
            kind: string;
            /** @description Whether there are more than are shown. */
            more: boolean;
        };
        /** @description Something that was found. */
        SearchItem: {
            /** @description What tells it from others. */
            hint?: string | null;
            /** @description Its id; of a tag the tag. */
            id: string;
            /** @description What it is called. */
            name: string;
            /** @description By what it was found: `id`, `name`, `text`, or the kind of identity, such as `phone`. */
            why: string;
        };
        /** @description What to change about a segment. */
        SegmentChange: {
            /** @description A new name. */
            name?: string | null;
            /** @description A new rule. */
            rule?: Record<string, never> | null;
        };
        /** @description Somebody entered a segment, or left it. */
        SegmentChangeDto: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description True for entering. */
            entered: boolean;
            /** @description Who. */
            member_id: string;
        };
        /** @description A segment to choose. */
        SegmentChoice: {
            /** @description `seg_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int64
             * @description How many members are in it.
             */
            size: number;
            /** @description `building` until its first rule is evaluated, then `live`. */
            state: string;
        };
        /** @description A segment, as the API shows it. */
        SegmentDto: {
            building?: null | components["schemas"]["BuildingDto"];
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description `seg_…` */
            id: string;
            /** @description Its name. */
            name: string;
            /** @description Its rule, in canonical form. */
            rule: Record<string, never>;
            /**
             * Format: int64
             * @description How many members are in it now.
             */
            size: number;
            /** @description The segment of which it is a snapshot, if it is one: its rule does not change then. */
            snapshot_of?: string | null;
            /** @description `building` while its rule, or a changed one, is evaluated over history; `live` otherwise. */
            state: string;
            /**
             * Format: date-time
             * @description When its name or rule was last changed.
             */
            updated_at: string;
        };
        /** @description A segment that was made of those behind a number. */
        SegmentOfNumber: {
            /**
             * Format: int64
             * @description How many members were behind the number.
             */
            members: number;
            /** @description The segment: a snapshot, which is made as soon as the pipeline gets to it. */
            segment: components["schemas"]["SegmentDto"];
        };
        /** @description Who uses a segment. */
        SegmentUsage: {
            /** @description Whether it can be deleted now: nobody uses it. */
            deletable: boolean;
            /**
             * Format: int64
             * @description How many members are in it.
             */
            size: number;
            /** @description Segments, tags, stages, journeys and templates whose rules ask for it. */
            used_by: components["schemas"]["SegmentUser"][];
        };
        /** @description Something that asks for a segment. */
        SegmentUser: {
            /** @description Its id; of a tag and a stage the name by which rules ask for it. */
            id: string;
            /** @description `segment`, `tag`, `stage`, `journey`, `template`, `snapshot` (one that is still to be made of it) or `other`. */
            kind: string;
            /** @description What people call it, where that is known here: names of journeys and templates are not. */
            name?: string | null;
        };
        /** @description What became of the records of Sensors Analytics. */
        SensorsAccepted: {
            /**
             * Format: int64
             * @description How many are durable, when some were refused.
             */
            accepted?: number | null;
            /** @description The refused ones, at most 1,000. */
            rejected?: components["schemas"]["RejectedEvent"][] | null;
            /**
             * Format: int64
             * @description How many were refused; they are kept as dead letters.
             */
            rejected_count?: number | null;
            /** @description False when `/debug` refused a record. */
            success: boolean;
        };
        /** @description What the SDKs of Sensors Analytics send as a form. The write key is the parameter `token` of the address. */
        SensorsForm: {
            /** @description A record: base64 of JSON, which may be packed with gzip. */
            data?: string | null;
            /** @description A list of records, in the same way. */
            data_list?: string | null;
            /**
             * Format: int64
             * @description 1 when it is packed.
             */
            gzip?: number | null;
        };
        /** @description Something that is counted. */
        SeriesBody: {
            /** @description Name of the event; any when left out. */
            event?: string | null;
            /** @description What is counted of them. */
            measure: components["schemas"]["MeasureBody"];
            /** @description What formulas call it; `A`, `B` … when left out. */
            name?: string | null;
            /** @description The property whose numbers are meant, for sums, averages and percentiles. */
            property?: string | null;
            /** @description What it has to pass. */
            where?: Record<string, never>[] | null;
        };
        /** @description One line of a chart. */
        SeriesDto: {
            /** @description Name of the event; `null` for any, and for formulas. */
            event?: string | null;
            /** @description The value of the property; `null` without a breakdown, and for events that have none. */
            group?: string | null;
            /** @description Its name, and its group behind it. */
            key: string;
            measure?: null | components["schemas"]["MeasureBody"];
            /** @description Its name. */
            name: string;
            /** @description The value of each period. */
            points: components["schemas"]["PointDto"][];
            previous?: null | components["schemas"]["PreviousDto"];
            /** @description Whether it stands for all values that are not told by themselves. */
            rest: boolean;
            /**
             * Format: double
             * @description The value of all of them together.
             */
            total?: number | null;
        };
        /** @description What there is before anybody has signed in. */
        SessionState: {
            /** @description The languages in which the app speaks. */
            languages: string[];
            /** @description Whether there is a user; without one the set-up link comes first. */
            set_up: boolean;
            /** @description Whether the request came with a session, or a key, that counts. */
            signed_in: boolean;
            /** @description The version of the program. */
            version: string;
        };
        /** @description What became of a message of which nobody knew. */
        Settlement: {
            /** @description How; at most 500 characters. */
            note?: string;
            /** @description What a person found out: `accepted` or `not_sent`. */
            outcome: components["schemas"]["Found"];
            /** @description Whether a message that was not sent is to be sent now. */
            send_again?: boolean;
        };
        /** @description The first owner and his workspace. */
        SetupInput: {
            /** @description The owner's e-mail address. */
            email: string;
            /** @description The owner's name; the part before the @ when left out. */
            name?: string | null;
            /**
             * Format: password
             * @description The owner's password, at least 10 characters.
             */
            password: string;
            /**
             * @description An IANA time zone; `UTC` when left out.
             * @example Asia/Shanghai
             */
            time_zone?: string | null;
            /** @description The token of the set-up link. */
            token: string;
            /** @description The brand; `Hearth` when left out. */
            workspace_name?: string | null;
        };
        /**
         * @description A side of an event.
         * @enum {string}
         */
        SideBody: "after" | "before";
        /** @description A simulation. */
        SimulationDto: {
            /**
             * Format: date-time
             * @description When it was asked for.
             */
            created_at: string;
            /** @description Who asked for it. */
            created_by: string;
            /**
             * Format: int64
             * @description Members copied and events told, of both versions.
             */
            done: number;
            /**
             * Format: date-time
             * @description When it ended.
             */
            ended_at?: string | null;
            /** @description Why it failed: what was wrong this time, in English. */
            error?: string | null;
            /**
             * Format: date-time
             * @description From when.
             */
            from: string;
            /** @description `job_…`, the id of its job. */
            id: string;
            /** @description What came of it; lists leave it out. */
            result?: Record<string, never> | null;
            /** @description `queued`, `running`, `done`, `failed` or `cancelled`. */
            state: string;
            /**
             * Format: date-time
             * @description Until when.
             */
            to: string;
            /**
             * Format: int64
             * @description How many there are, as far as that is known.
             */
            total: number;
            why?: null | components["schemas"]["ErrorWords"];
        };
        /** @description How large a segment was. */
        SizePoint: {
            /**
             * Format: int64
             * @description How many entered in this step.
             */
            entered: number;
            /**
             * Format: int64
             * @description How many left in this step.
             */
            left: number;
            /**
             * Format: int64
             * @description How many members it had then.
             */
            size: number;
            /**
             * Format: date-time
             * @description The end of the step, or the end of the time that was asked for.
             */
            t: string;
        };
        /** @description How large a segment was at the end of each step. */
        Sizes: {
            /** @description One for each step. */
            points: components["schemas"]["SizePoint"][];
        };
        /** @description How large a segment was at the end of each step. */
        SizesOfSegment: {
            /** @description `seg_…` */
            id: string;
            /** @description One for each step. */
            points: components["schemas"]["SizePoint"][];
        };
        /** @description How large several segments were at the end of each step. */
        SizesOfSegments: {
            /** @description One for each segment that there is, in the order in which they were named. */
            items: components["schemas"]["SizesOfSegment"][];
        };
        /** @description Those who are to be kept, and as what. */
        SnapshotOfNumber: {
            /** @description What kind of question it was. */
            kind: components["schemas"]["KindBody"];
            /** @description The name of the segment, 1 to 200 characters. */
            name: string;
            /** @description Which number of the answer. */
            point: Record<string, never>;
            /** @description The question. */
            question: Record<string, never>;
        };
        /** @description What came from one sender. */
        SourceOfIngest: {
            /**
             * Format: int64
             * @description Records of the last 24 hours that were taken.
             */
            accepted_24h: number;
            /**
             * Format: date-time
             * @description When he sent last.
             */
            last_at: string;
            /**
             * Format: int64
             * @description Records of the last 24 hours that were refused.
             */
            refused_24h: number;
            /** @description Who: `key_…`, or `operator:usr_…`. */
            source: string;
        };
        /** @description Who came of a split. */
        Split: {
            /** @description The new member, who has that identity and all that came in under it. */
            member_id: string;
        };
        /** @description Which identity to split off. */
        SplitRequest: {
            /** @description One of the member's identities. */
            identity: string;
        };
        /** @description A stage to choose. */
        StageChoice: {
            /** @description By which rules ask for it. */
            key: string;
            /** @description As people read it. */
            name: string;
        };
        /** @description A stage. */
        StageDto: {
            /** @description Whether a member falls back when the rule no longer holds. */
            falls_back: boolean;
            /** @description By which rules ask for it. */
            key: string;
            /**
             * Format: double
             * @description For how many days they have been in it, on average.
             */
            mean_days?: number | null;
            /**
             * Format: int64
             * @description How many members are in it now; `null` when numbers were not asked for.
             */
            members?: number | null;
            /** @description As people read it. */
            name: string;
            /** @description Who reaches it; none for strangers. */
            rule?: Record<string, never> | null;
        };
        /** @description A stage that data goes through. */
        StageHealth: {
            /**
             * Format: int64
             * @description How old the oldest of it is, in milliseconds; `null` where nothing waits or no age is known.
             */
            lag_ms?: number | null;
            /**
             * @description `pipeline` (from the log into the profiles), `emitter` (facts back into the log), `outbox` (messages that could go
             *     now), `building` (rules evaluated over history: members that are yet to be looked at).
             */
            name: string;
            /**
             * Format: int64
             * @description How much waits.
             */
            waiting: number;
        };
        /** @description Runs that stand at one step. */
        StandingDto: {
            /**
             * Format: int64
             * @description How many.
             */
            runs: number;
            /** @description The step. */
            step: string;
            /** @description The step of the new version at which they go on. */
            to?: string | null;
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
            /** @description `stays`, `moves`, `ends` or `unmapped`. */
            what: string;
        };
        /** @description How to make a journey of a starter. */
        StarterChoice: {
            /** @description By which channel (`chn_…`) it is to send; the workspace's e-mail when left out. */
            channel?: string | null;
            /** @description `zh` or `en`; what is read where the workspace is when left out. */
            lang?: string | null;
            /** @description What the journey is to be called. */
            name?: string | null;
            /** @description Segments and templates to take instead of those that would be made, by their keys. */
            replace?: components["schemas"]["Replacements"];
        };
        /** @description What of that is not there. */
        StarterLacks: {
            /** @description Whether there is no channel for e-mail. */
            channel: boolean;
            /** @description Events that have never come in. */
            events: string[];
            /** @description Topics that are not described. */
            topics: string[];
            /** @description Traits that none of the newest members has. */
            traits: string[];
        };
        /** @description What a starter needs. */
        StarterNeeds: {
            /** @description Events that it waits for or asks about. */
            events: string[];
            /** @description Topics that its messages are about. */
            topics: string[];
            /** @description Traits of members. */
            traits: string[];
        };
        /** @description A segment of a starter. */
        StarterSegmentInfo: {
            /** @description By which the document names it. */
            key: string;
            /** @description Its name. */
            name: string;
            /** @description Its rule. */
            rule: Record<string, never>;
        };
        /** @description A template of a starter. */
        StarterTemplateInfo: {
            /** @description By which the document names it. */
            key: string;
            /** @description Its name. */
            name: string;
            /** @description Its subject line. */
            subject: string;
        };
        /** @description Something that a starter refers to. */
        StarterThing: {
            /** @description Its id; the name of a partial. */
            id: string;
            /** @description Whether it was made now; otherwise there was one of this name already. */
            is_new: boolean;
            /** @description The key by which the starter names it. */
            key: string;
            /** @description `segment`, `template` or `partial`. */
            kind: string;
            /** @description What it is called. */
            name: string;
        };
        /** @description Who came at least so far. */
        StepDto: {
            /**
             * Format: double
             * @description The average of those times.
             */
            average_seconds?: number | null;
            /** @description Name of the event. */
            event?: string | null;
            /**
             * Format: double
             * @description The median time from the first step to this one, in seconds.
             */
            median_seconds?: number | null;
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
            /**
             * Format: double
             * @description Their share of those of the first step.
             */
            of_first?: number | null;
            /**
             * Format: double
             * @description Their share of those of the step before.
             */
            of_previous?: number | null;
        };
        /** @description What happened at one step. */
        StepReport: {
            /**
             * Format: int64
             * @description How often runs came to it, those that were moved there included; `null` for a holdout, which notes only whom it
             *     leaves out.
             */
            entered?: number | null;
            /** @description By action (waiting, waited, branched, queued, tagged …): how often. */
            happened: {
                [key: string]: number;
            };
            messages?: null | components["schemas"]["Messages"];
            /**
             * Format: int64
             * @description Members who wait there now.
             */
            waiting: number;
            /** @description By way out (waited, timed_out, `case 0`, `else`, `way 1`, `outcome done` …): how often it was taken. */
            ways: {
                [key: string]: number;
            };
        };
        /** @description How to stop. */
        Stop: {
            /** @description Whether messages that still wait are cancelled. When left out, they are if runs are ended, and sent if runs go on. */
            cancel_queued?: boolean | null;
            /** @description What becomes of those under way: `end` (the default) or `finish`. */
            running?: components["schemas"]["StopRunning"];
        };
        /**
         * @description What becomes of those under way when a journey is stopped.
         * @enum {string}
         */
        StopRunning: "end" | "finish";
        /** @description A mapping that a file seems to ask for. */
        SuggestedMapping: {
            /** @description `kind`, and the entries of the mapping; can be sent back as it is. */
            mapping: Record<string, never>;
            /** @description What nobody but you can decide. */
            questions: components["schemas"]["Question"][];
        };
        /** @description A member who may be the same person as another. */
        SuggestedMember: {
            /**
             * Format: date-time
             * @description When he was first seen.
             */
            created_at: string;
            /** @description `mem_…` */
            id: string;
            /** @description By what he is known. */
            identities: components["schemas"]["IdentityDto"][];
            /**
             * Format: date-time
             * @description When he last did something.
             */
            last_seen_at: string;
            /** @description What he is called, or else what tells him from others best. */
            name: string;
        };
        /** @description Two members who may be one person. */
        SuggestionDto: {
            /** @description What says so: the message, and the identity of each with its kind, its value and whether it is verified. */
            evidence: Record<string, never>;
            /** @description `sug_…` */
            id: string;
            /** @description Both as they are now, first the older one; in lists. */
            members: components["schemas"]["SuggestedMember"][];
            /** @description The older of the two. */
            one: string;
            /** @description The other. */
            other: string;
            /**
             * @description Why they may be one: `same address`, `same verified address`, `same account`, `same verified account`; `alias`,
             *     or `alias from a key that is not trusted`, which anybody can send; `verified address that the other only
             *     claims`, of whom one has perhaps taken what is not his: split the address off him instead. Or the reason of the
             *     merge that an operator undid.
             */
            reason: string;
            /** @description `open`, `accepted`, `dismissed`, or `obsolete` when the two were made one for another reason. */
            state: string;
            /**
             * Format: date-time
             * @description When it was noticed.
             */
            suggested_at: string;
        };
        /** @description An address to suppress, or to write to again. */
        SuppressedAddress: {
            /** @description The address. */
            address: string;
            /** @description Kind of channel. */
            channel_kind: string;
        };
        /** @description An address that gets nothing. */
        Suppression: {
            /** @description The address. */
            address: string;
            /** @description Kind of channel. */
            channel_kind: string;
            /**
             * Format: date-time
             * @description Since when.
             */
            created_at: string;
            /** @description `bounced`, `complained`, `unsubscribed` or `manual`; for a topic, `consent_withdrawn`. */
            reason: string;
            /**
             * @description The delivery or the person that caused it. An erasure (`ers_…`): whoever had the address was erased, and all
             *     that is kept of it is a keyed hash, so it is shown to those only who ask for this address.
             */
            source: string;
            /**
             * @description About what it gets nothing; `null` for everything. Only withdrawals of somebody who was erased have one here;
             *     they end when the member who has the address now grants his consent.
             */
            topic?: string | null;
        };
        /** @description How data flows. */
        SystemHealth: {
            /**
             * Format: date-time
             * @description When this was found.
             */
            at: string;
            /** @description `sqlite` or `postgres`. */
            database: string;
            /** @description Records that were refused. */
            dead_letters: components["schemas"]["DeadLettersHealth"];
            /** @description Bytes on the disk. */
            disk: components["schemas"]["Disk"];
            /** @description What comes in. */
            ingest: components["schemas"]["IngestHealth"];
            /** @description Background work. */
            jobs: components["schemas"]["JobsHealth"];
            /** @description The stages that data goes through, in their order. */
            stages: components["schemas"]["StageHealth"][];
            /**
             * Format: date-time
             * @description When the process started.
             */
            started_at?: string | null;
            /** @description The version of the program. */
            version: string;
        };
        /** @description Tags to add to and remove from a member. */
        TagChange: {
            /** @description Tags to add. */
            add?: string[];
            /**
             * Format: date-time
             * @description When the added ones come off by themselves; when left out, as their definitions say.
             */
            expires_at?: string | null;
            /** @description Tags to remove. */
            remove?: string[];
        };
        /** @description A tag that was put on a member or taken off. */
        TagChangeDto: {
            /** @description True for putting on. */
            added: boolean;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Kind of the identity that carries it. */
            identity_kind: string;
            /** @description Value of that identity. */
            identity_value: string;
            /** @description Who did it; `expiry` when it came off by itself. */
            source: string;
            /** @description The tag. */
            tag: string;
        };
        /** @description A tag to choose. */
        TagChoice: {
            /** @description Who puts it on members. */
            kind: components["schemas"]["TagKind"];
            /** @description The tag. */
            tag: string;
        };
        /** @description What is to be settled about a tag. */
        TagDefinition: {
            /**
             * @description Whether `expires_after` is to hold for those who carry the tag already, too, counted from when it was put on them
             *     and whatever end was said then; where that is over, it comes off at once. A job does it.
             */
            apply_to_present?: boolean;
            /** @description What it means, at most 1,000 characters. */
            description?: string;
            /**
             * @description How long after it is put on it comes off by itself, as an ISO 8601 duration; not for dynamic ones. Whoever
             *     carries it already keeps it as it was put on, unless `apply_to_present` is true.
             */
            expires_after?: string | null;
            /** @description The group in which it stands. */
            group_id?: string | null;
            /** @description Who puts it on members; it cannot be changed later. */
            kind?: components["schemas"]["TagKind"];
            /** @description Which model fills it; of predictive ones. */
            model?: string | null;
            /** @description Who carries it; of dynamic ones. */
            rule?: Record<string, never> | null;
        };
        /** @description A tag, how many members carry it, and what is settled about it. */
        TagDto: {
            /** @description What it means. */
            description: string;
            /**
             * @description Whether that is the exact number. Where very many carry tags, identities are counted, of which a member may have
             *     several.
             */
            exact: boolean;
            /** @description How long after it was put on it comes off by itself. */
            expires_after?: string | null;
            /** @description The group in which it stands. */
            group_id?: string | null;
            /** @description Who puts it on members: operators (`static`), a rule or a model. */
            kind: components["schemas"]["TagKind"];
            /**
             * Format: int64
             * @description How many members carry it; `null` when numbers were not asked for.
             */
            members?: number | null;
            /** @description Who fills it, when it is predictive. */
            model?: string | null;
            /** @description Who carries it, when it is dynamic. */
            rule?: Record<string, never> | null;
            /** @description The tag. */
            tag: string;
        };
        /** @description A group of tags. */
        TagGroupDto: {
            /** @description Whether a member carries at most one tag of it. */
            exclusive: boolean;
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /**
         * @description Who puts a tag on members.
         * @enum {string}
         */
        TagKind: "static" | "dynamic" | "predictive";
        /** @description Who uses a tag. */
        TagUsage: {
            /**
             * Format: int64
             * @description How many members carry it.
             */
            members: number;
            /**
             * Format: int64
             * @description How many profiles show it: of two tags that exclude each other, that is the one that was put on later.
             */
            shown: number;
            /** @description Segments, tags, stages and journeys that ask for it, put it on or take it off. */
            used_by: string[];
        };
        /** @description What the hook answers. */
        Taken: {
            /** @description Whether the report named a message of this channel. */
            known: boolean;
        };
        /** @description What an account took of its day. */
        TakenToday: {
            /** @description The account; empty for the only one. */
            account: string;
            /**
             * Format: int64
             * @description Messages.
             */
            messages: number;
        };
        /** @description To whom a task is given. */
        TaskAssignment: {
            /** @description The id or the e-mail address of a user, `me` for the caller, or an empty text for whoever comes first. */
            assignee: string;
        };
        /** @description How a task was done. */
        TaskCompletion: {
            /** @description What there is to say about it, at most 4,000 bytes. */
            note?: string | null;
            /** @description What came of it; one of the task's outcomes if it has any. */
            outcome?: string | null;
        };
        /** @description How many tasks wait for somebody. */
        TaskCounts: {
            /**
             * Format: int64
             * @description Of the open ones, those due within a day from now.
             */
            due_today: number;
            /**
             * Format: int64
             * @description Of these, those for the caller.
             */
            mine: number;
            /**
             * Format: int64
             * @description Open ones.
             */
            open: number;
            /**
             * Format: int64
             * @description Of the open ones, those whose time is over.
             */
            overdue: number;
            /**
             * Format: int64
             * @description Of the open ones, those for nobody in particular.
             */
            unassigned: number;
        };
        /** @description Something that a journey gives people of the team to do. */
        TaskDto: {
            /** @description For whom: the id or the e-mail address of a user; empty for whoever comes first. */
            assignee: string;
            /**
             * Format: date-time
             * @description When it was done, or was over otherwise.
             */
            closed_at?: string | null;
            /** @description Who did it. */
            closed_by?: string | null;
            /**
             * Format: date-time
             * @description Until when it is to be done.
             */
            due_at?: string | null;
            /** @description `tsk_…` */
            id: string;
            /** @description `jrn_…` */
            journey: string;
            /** @description About whom. */
            member: string;
            /** @description More about it. */
            note: string;
            /**
             * Format: date-time
             * @description Since when it is there.
             */
            opened_at: string;
            /** @description What came of it. */
            outcome?: string | null;
            /** @description The outcomes that are asked for; any word will do when there are none. */
            outcomes: string[];
            /** @description What was said about it when it was done. */
            remark?: string | null;
            /** @description `run_…` */
            run: string;
            /** @description `open`, `done`, `expired`, or `cancelled` when the member left the journey. */
            state: string;
            /** @description The step of the journey. */
            step: string;
            /** @description What is to be done. */
            title: string;
        };
        /** @description How a task of a step is done. */
        TaskReply: {
            /** @description How long it takes, such as `PT2H`; no time when left out. */
            after?: string | null;
            /** @description What came of it. */
            outcome?: string | null;
        };
        /** @description A template. */
        Template: {
            /** @description Which kind of channel it is for. */
            channel_kind: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description HTML; may be empty. */
            html: string;
            /** @description Its id. */
            id: string;
            /** @description MJML, from which the HTML is made; may be empty. */
            mjml: string;
            /** @description What operators call it. */
            name: string;
            /** @description What mail programs show beside the subject in a list. */
            preheader: string;
            /** @description Rules by the names under which the template asks them. */
            rules: Record<string, never>;
            /** @description Whether a message fails in which a variable is missing that has no fallback. */
            strict: boolean;
            /** @description Subject line. */
            subject: string;
            /** @description Plain text; JSON for a webhook. When it is empty, it is made from the HTML. */
            text: string;
            /** @description Other parts for members who read another language, by `en` and `zh`. */
            translations: {
                [key: string]: components["schemas"]["TemplateParts"];
            };
            /**
             * Format: date-time
             * @description When it was last saved.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Counts the saves that changed something, from 1.
             */
            version: number;
            /** @description What may be wrong with it; only in the reply of a save. */
            warnings?: components["schemas"]["TemplateWarning"][] | null;
        };
        /** @description A template to save. */
        TemplateBody: {
            /** @description `email` (the default) or `webhook`. */
            channel_kind?: string;
            /**
             * @description When linting: whether to ask the first 20 links that are the same for everybody whether they answer, which may
             *     take 20 seconds. Saving asks nobody.
             */
            check_links?: boolean;
            /** @description HTML; may be empty. */
            html?: string;
            /** @description MJML instead of HTML; may be empty. */
            mjml?: string;
            /** @description What operators call it. */
            name: string;
            /** @description What mail programs show beside the subject in a list. */
            preheader?: string;
            /**
             * @description Rules by the names under which the template asks them: `{"vip": {"tag": "vip"}}` is asked with
             *     `{% if rules.vip %}`.
             */
            rules?: Record<string, never>;
            /** @description Whether a message fails in which a variable is missing that has no fallback; otherwise nothing is written there. */
            strict?: boolean;
            /** @description Subject line. */
            subject?: string;
            /** @description When linting: the template that is being changed, so that the events of its journeys are known. */
            template?: string | null;
            /** @description Plain text; JSON for a webhook. When it is empty, it is made from the HTML. */
            text?: string;
            /** @description Other parts for members who read another language, by `en` and `zh`. What is left out is said to all alike. */
            translations?: {
                [key: string]: components["schemas"]["TemplateParts"];
            };
            /**
             * Format: int64
             * @description When replacing: the version that was read; a conflict is reported when it has changed.
             */
            version?: number | null;
        };
        /** @description What to change of a template; what is left out stays. */
        TemplateChange: {
            /** @description HTML. It takes the place of MJML. */
            html?: string | null;
            /** @description MJML. It takes the place of HTML. */
            mjml?: string | null;
            /** @description What operators call it. */
            name?: string | null;
            /** @description What mail programs show beside the subject in a list. */
            preheader?: string | null;
            /** @description Rules by the names under which the template asks them. */
            rules?: Record<string, never> | null;
            /** @description Whether a message fails in which a variable is missing that has no fallback. */
            strict?: boolean | null;
            /** @description Subject line. */
            subject?: string | null;
            /** @description Plain text; JSON for a webhook. */
            text?: string | null;
            /** @description Other parts for members who read another language. */
            translations?: {
                [key: string]: components["schemas"]["TemplateParts"];
            } | null;
            /**
             * Format: int64
             * @description The version that was read; a conflict is reported when it has changed.
             */
            version?: number | null;
        };
        /** @description A template to choose. */
        TemplateChoice: {
            /** @description The kind of channels for which it is. */
            channel_kind: string;
            /** @description `tpl_…` */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description What differs between two versions. */
        TemplateComparison: {
            /** @description What differs. */
            changes: components["schemas"]["TemplateDifference"][];
            /**
             * Format: int64
             * @description The one version.
             */
            from: number;
            /**
             * Format: int64
             * @description The other.
             */
            to: number;
        };
        /** @description A part that differs. */
        TemplateDifference: {
            /** @description As the other has it. */
            after: unknown;
            /** @description As the one version has it; `null` where it has nothing. */
            before: unknown;
            /** @description Which part, such as `translations.zh.subject`. */
            path: string;
        };
        /** @description What may be wrong with a template. */
        TemplateLint: {
            /** @description Each of it. */
            warnings: components["schemas"]["TemplateWarning"][];
        };
        /** @description A partial. */
        TemplatePartial: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description For HTML. */
            html: string;
            /** @description A piece of MJML, such as a section. */
            mjml: string;
            /** @description By which templates put it in: `{% include "footer" %}`. */
            name: string;
            /** @description For texts, and for everything else when it has no other form. */
            text: string;
            /**
             * Format: date-time
             * @description When it was last saved.
             */
            updated_at: string;
            /** @description The ids of the templates that put it in, and the names of the partials that do. */
            used_by: string[];
            /**
             * Format: int64
             * @description Counts the saves that changed something, from 1.
             */
            version: number;
            /** @description What may be wrong with it; only in the reply to a save. */
            warnings?: components["schemas"]["TemplateWarning"][] | null;
        };
        /** @description A partial to save. */
        TemplatePartialBody: {
            /** @description For HTML. */
            html?: string;
            /** @description A piece of MJML, such as a section. It is put into the MJML of a template before that is made into HTML. */
            mjml?: string;
            /** @description Its name: letters, digits, `-` and `_`. When replacing, it may be left out. */
            name?: string;
            /** @description For texts, and for everything else when it has no other form. */
            text?: string;
            /**
             * Format: int64
             * @description When replacing: the version that was read; a conflict is reported when it has changed.
             */
            version?: number | null;
        };
        /** @description A version of a partial. */
        TemplatePartialVersion: {
            /** @description For HTML. */
            html: string;
            /** @description A piece of MJML. */
            mjml: string;
            /**
             * Format: date-time
             * @description When it was saved.
             */
            saved_at: string;
            /** @description Who saved it; empty for what was saved before versions were kept. */
            saved_by: string;
            /** @description For texts, and for everything else when it has no other form. */
            text: string;
            /**
             * Format: int64
             * @description Which one it is, from 1.
             */
            version: number;
        };
        /** @description The parts of a message. */
        TemplateParts: {
            /**
             * @description HTML; may be empty.
             * @default
             */
            html?: string;
            /**
             * @description MJML, from which the HTML is made; may be empty.
             * @default
             */
            mjml?: string;
            /**
             * @description What mail programs show beside the subject in a list.
             * @default
             */
            preheader?: string;
            /**
             * @description Subject line.
             * @default
             */
            subject?: string;
            /**
             * @description Plain text; JSON for a webhook. When it is empty, it is made from the HTML.
             * @default
             */
            text?: string;
        };
        /** @description How the message would read. */
        TemplatePreview: {
            /** @description HTML. */
            html: string;
            /** @description In which language. */
            language: string;
            /** @description Variables that were missing and are shown as nothing; the first five. */
            missing: string[];
            /** @description What mail programs show beside the subject. */
            preheader: string;
            /** @description What the template's rules say of the member. */
            rules: Record<string, never>;
            /** @description Subject line. */
            subject: string;
            /** @description Plain text; JSON for a webhook. */
            text: string;
            /** @description What may be wrong with the template. */
            warnings: components["schemas"]["TemplateWarning"][];
        };
        /**
         * @description What to preview with. The parts of a draft may be given, to see it before it is saved; what is left out is as it was
         *     saved.
         */
        TemplatePreviewRequest: {
            /** @description HTML of the draft. */
            html?: string | null;
            /** @description `en` or `zh`, instead of the member's own. */
            language?: string | null;
            /** @description Whose data to use. */
            member?: string | null;
            /** @description MJML of the draft. */
            mjml?: string | null;
            /** @description Preheader of the draft. */
            preheader?: string | null;
            /** @description Rules of the draft. */
            rules?: Record<string, never> | null;
            /** @description Strictness of the draft. */
            strict?: boolean | null;
            /** @description Subject line of the draft. */
            subject?: string | null;
            /** @description Text of the draft. */
            text?: string | null;
            /** @description Other languages of the draft. */
            translations?: {
                [key: string]: components["schemas"]["TemplateParts"];
            } | null;
            /** @description Further variables, such as `{"event": {…}}`; without a member, also `member` and `rules`. */
            variables?: Record<string, never>;
        };
        /** @description A template without what it says. */
        TemplateSummary: {
            /** @description Which kind of channel it is for. */
            channel_kind: string;
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /** @description Its id. */
            id: string;
            /** @description What operators call it. */
            name: string;
            /** @description Subject line. */
            subject: string;
            /**
             * Format: date-time
             * @description When it was last saved.
             */
            updated_at: string;
            /**
             * Format: int64
             * @description Counts the saves that changed something, from 1.
             */
            version: number;
        };
        /** @description Where a test goes. */
        TemplateTest: {
            /** @description Through which channel; by default the first of the template's kind. */
            channel?: string | null;
            /** @description Whose data to use. */
            member?: string | null;
            /** @description One to five addresses. */
            to: string[];
            /** @description Further variables, such as `{"event": {…}}`. */
            variables?: Record<string, never>;
        };
        /** @description The messages of a test. */
        TemplateTestQueued: {
            /** @description They can be looked up at `/api/v1/deliveries/{id}`. */
            deliveries: string[];
        };
        /** @description One variable. */
        TemplateVariable: {
            /** @description What it is, in English. */
            en: string;
            /** @description What it was of somebody; missing where that is not known, or the caller may not see members. */
            example?: unknown;
            /** @description Filters that go with it, the most useful first. */
            filters: string[];
            /** @description Whether it may be missing, so that a fallback should be said. */
            may_be_missing: boolean;
            /** @description Its names from the root on, with dots between them: `member.name`. Templates write a name that is no word in brackets. */
            path: string;
            /** @description What operators call it, where they call it anything. */
            title?: string | null;
            /** @description `text`, `number`, `boolean`, `date`, `list`, `object`, or `any` where that is not known. */
            type: string;
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description What a template can ask for. */
        TemplateVariables: {
            /** @description Of the member, the event, the workspace, the message itself, and links. */
            groups: components["schemas"]["VariableGroup"][];
        };
        /** @description A version of a template. */
        TemplateVersion: {
            /** @description Everything that it says; not in lists. */
            content?: Record<string, never> | null;
            /** @description What operators called it. */
            name: string;
            /**
             * Format: date-time
             * @description When it was saved.
             */
            saved_at: string;
            /** @description Who saved it; empty for what was saved before versions were kept. */
            saved_by: string;
            /** @description Subject line. */
            subject: string;
            /**
             * Format: int64
             * @description Which one it is, from 1.
             */
            version: number;
        };
        /** @description Something that may be wrong. */
        TemplateWarning: {
            /** @description A stable code. */
            code: string;
            /** @description Column, counted from 1 in characters, where it is known. */
            column?: number | null;
            /** @description In English. */
            en: string;
            /** @description Line, counted from 1, where it is known. */
            line?: number | null;
            /** @description The part, such as `translations.zh.subject`. */
            path: string;
            /** @description `error` for what members would see, `warning` for what may do harm, `hint` for what could be better. */
            severity: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description What a test of a channel says. */
        Tested: {
            /** @description Always true; a channel that does not work answers with a problem. */
            ok: boolean;
        };
        /**
         * @description What becomes of a message that may not go now.
         * @enum {string}
         */
        Then: "wait" | "drop";
        /** @description A length of time between two others. */
        TimeBucket: {
            /**
             * Format: double
             * @description At least so long, in seconds.
             */
            from_seconds: number;
            /**
             * Format: double
             * @description Shorter than this; `null` in the last one.
             */
            to_seconds?: number | null;
        };
        /** @description Something in a member's timeline. */
        TimelineEntry: {
            /** @description Library, page, campaign …. */
            context: Record<string, never>;
            /** @description `evt_…` */
            id: string;
            /**
             * @description Which call or part of Hearth made it: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`, `delivery`;
             *     `tag`, `segment`, `stage`, `merge`, `consent` or `journey`.
             */
            kind: string;
            /** @description `mem_…`: to whom it happened, when that was another member, who has become one with this one since. */
            member?: string | null;
            /** @description The sender's id of the message. */
            message_id: string;
            /** @description Name of the event. */
            name: string;
            /** @description Its properties. */
            properties: Record<string, never>;
            /**
             * Format: date-time
             * @description When it arrived.
             */
            received_at: string;
            /** @description Who sent it. */
            source: string;
            /**
             * Format: date-time
             * @description When it happened.
             */
            timestamp: string;
        };
        /** @description Events of one name. */
        TimelineEventName: {
            /**
             * Format: date-time
             * @description When the latest happened.
             */
            last_at: string;
            /** @description The name. */
            name: string;
        };
        /** @description What a timeline can be filtered by. */
        TimelineFacets: {
            /** @description The names of his events, the latest first. */
            events: components["schemas"]["TimelineEventName"][];
            /** @description The kinds of entries that there are. */
            kinds: string[];
            /** @description Where the latest entries came from. */
            sources: string[];
        };
        /** @description How long it takes. */
        TimeToConvert: {
            /**
             * Format: double
             * @description The average.
             */
            average_seconds?: number | null;
            /** @description How many took so long. */
            buckets: components["schemas"]["MemberBucket"][];
            /**
             * Format: double
             * @description Half of them took less; `null` of nobody.
             */
            median_seconds?: number | null;
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
            /**
             * Format: double
             * @description Nine of ten took less.
             */
            p90_seconds?: number | null;
        };
        /** @description A topic to describe. */
        TopicChange: {
            /** @description A template for e-mail in which `confirm_url` stands. */
            confirm_template?: string | null;
            description?: null | components["schemas"]["Bilingual"];
            /** @description Whether a consent counts only once it is confirmed; then `confirm_template` is needed. */
            double_opt_in?: boolean;
            /** @description As members read it, 1 to 100 characters in each language. */
            name: components["schemas"]["Bilingual"];
            /**
             * Format: int64
             * @description Its place on the page.
             */
            position?: number;
            /** @description Whether the preference page shows it to everybody. */
            shown?: boolean;
        };
        /** @description A topic to choose. */
        TopicChoice: {
            /** @description As members read it. */
            name: components["schemas"]["TopicName"];
            /** @description By which messages and consents name it. */
            topic: string;
        };
        /** @description What members may be written to about. */
        TopicDto: {
            /** @description The message that asks to confirm; its variable `confirm_url` leads to the button. */
            confirm_template?: string | null;
            /** @description What it is about. */
            description: components["schemas"]["Bilingual"];
            /** @description Whether a consent counts only once it is confirmed from the address itself. */
            double_opt_in: boolean;
            /** @description As members read it. */
            name: components["schemas"]["Bilingual"];
            /**
             * Format: int64
             * @description Its place on the page; the smallest is first.
             */
            position: number;
            /**
             * @description Whether the preference page shows it to everybody; one that is not shown is seen by those who have got a message
             *     about it.
             */
            shown: boolean;
            /** @description By which messages and consents name it. */
            topic: string;
        };
        /** @description The name of a topic. */
        TopicName: {
            /** @description In English. */
            en: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description What is owed to one kind of touch. */
        TouchDto: components["schemas"]["OwedDto"] & {
            /** @description The value of the property, or the name of the event; `null` for touches that have none, and for the rest. */
            key?: string | null;
            /** @description Whether it stands for all values that are not told by themselves. */
            rest: boolean;
            /**
             * Format: double
             * @description Its share of all conversions.
             */
            share: number;
        };
        /** @description One line of a run's trace. */
        TraceDto: {
            /** @description What happened. */
            action: string;
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Particulars. */
            detail: Record<string, never>;
            /** @description At which step; empty for the run as a whole. */
            step: string;
        };
        /** @description One line of what happened to a message. */
        TrailEntry: {
            /**
             * Format: date-time
             * @description When.
             */
            at: string;
            /** @description Which message. */
            delivery: string;
            /** @description What there is to say about it; may be empty. */
            detail: string;
            /**
             * @description A state of the ledger, or `deferred` (it waits for another hour or day), `opened`, `clicked`, `scanner`, `unsubscribed`, `subscribed`,
             *     `complained`, `delayed`.
             */
            state: string;
        };
        /** @description One decision. */
        TrailLine: {
            /**
             * Format: date-time
             * @description When it was decided.
             */
            at: string;
            /** @description Particulars for programs. */
            detail: Record<string, never>;
            /** @description The same in English. */
            en: string;
            /** @description The run's correlation key, when the member had several runs. */
            key?: string | null;
            /** @description In which run, when the member had several. */
            run?: string | null;
            /** @description At which step, if at one. */
            step: string;
            /**
             * @description What: `entered`, `waiting`, `branched`, `queued`, `sending`, `accepted`, `suppressed`, `paused` …; `not_entered`
             *     for what did not come about, `now` for what holds at the moment.
             */
            what: string;
            /** @description The same in Chinese. */
            zh: string;
        };
        /** @description How far profiles are decided anew. */
        TraitBuilding: {
            /**
             * Format: int64
             * @description Members who are.
             */
            done: number;
            /**
             * Format: int64
             * @description Members in all.
             */
            total: number;
        };
        /** @description What is to be settled about a trait. */
        TraitDefinition: {
            /**
             * @description How it is computed: `{"event", "where", "measure", "property", "within"}`, the measure being one of count, sum, avg, min,
             *     max, distinct, first, last and most_frequent.
             */
            computed?: Record<string, never> | null;
            /** @description Which of several values the profile shows; not for computed ones. */
            conflict?: components["schemas"]["Conflict"];
            /**
             * @description Whether a computed trait may take the place of what was said under its name: profiles show what is computed, and
             *     what was said again once the definition is deleted.
             */
            replace?: boolean;
            /** @description As people read it, at most 200 characters. */
            title?: string;
            /** @description What its values are; not for computed ones. */
            value_type?: components["schemas"]["ValueType"];
        };
        /** @description What is settled about a trait. */
        TraitDto: {
            building?: null | components["schemas"]["TraitBuilding"];
            /** @description How it is computed, if it is. */
            computed?: Record<string, never> | null;
            /** @description Which of several values the profile shows. */
            conflict: components["schemas"]["Conflict"];
            /** @description Its name. */
            name: string;
            /** @description `building` while profiles are decided anew after a change, `deleting` while they are before it goes, `live` otherwise. */
            state: string;
            /** @description As people read it. */
            title: string;
            /** @description What its values are. */
            value_type: components["schemas"]["ValueType"];
        };
        /** @description Members who were in one stage and are in another, or the same. */
        Transition: {
            /** @description The stage at the first moment; none for who was not there yet. */
            from?: string | null;
            /**
             * Format: int64
             * @description How many.
             */
            members: number;
            /**
             * Format: double
             * @description Of all who were in the first stage, 0 to 1.
             */
            rate: number;
            /** @description The stage at the second. */
            to: string;
        };
        /** @description How members moved. */
        Transitions: {
            /** @description From each stage to each, where anybody did; those who stayed, too. */
            transitions: components["schemas"]["Transition"][];
        };
        /** @description How much happened. */
        TrendAnswer: components["schemas"]["About"] & {
            /** @description The series, one for each group, and the formulas. */
            series: components["schemas"]["SeriesDto"][];
        };
        /** @description How much happens, over time? */
        TrendQuestion: {
            by?: null | components["schemas"]["ByBody"];
            /** @description `chn_…`: only events of this channel. */
            channel?: string | null;
            /** @description What is computed of them. */
            formulas?: components["schemas"]["FormulaBody"][];
            /** @description The first moment (RFC 3339) or day (`2026-07-01`); thirty days before `to` when left out. */
            from?: string | null;
            /** @description `grp_…`: only its present members. */
            group?: string | null;
            /** @description A rule, as in segments: only members for whom it holds now. */
            members?: Record<string, never> | null;
            /** @description In the place of `from` and `to`: so many whole days, today included, as an ISO 8601 duration such as `P30D`. */
            period?: string | null;
            previous?: null | components["schemas"]["PreviousBody"];
            /** @description `seg_…`: only its present members. */
            segment?: string | null;
            /** @description What is counted, 1 to 10. */
            series: components["schemas"]["SeriesBody"][];
            /** @description The moment, or the beginning of the day, before which all are; the end of today when left out. */
            to?: string | null;
            /**
             * Format: int32
             * @description How many of its values are told, 1 to 100; 10 when left out.
             */
            top?: number | null;
            /** @description How long a period is; a day when left out. */
            unit?: components["schemas"]["PeriodUnit"];
            /** @description What every event has to pass: a list of `{"property", "op", "value"}`. */
            where?: Record<string, never>[] | null;
            /** @description Name of a time zone; that of the workspace when left out. */
            zone?: string | null;
        };
        /** @description A sentence in both languages. */
        TrialWords: {
            /** @description In English. */
            en: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description Who came of an undone merge. */
        Undone: {
            /** @description Who stands for the member who had been absorbed. */
            absorbed: string;
            /** @description Who stands for the member who had stayed. */
            kept: string;
        };
        /** @description What undoing a merge would do, in numbers. */
        UndoPreview: {
            /** @description The member who would keep what is his, and the one who would part from him; one alone when it is not possible. */
            members: components["schemas"]["PartedMember"][];
            /** @description Whether there would be two members: not while other merges hold them together, nor when one has no identity left. */
            possible: boolean;
        };
        /** @description A person who logs in. */
        UserBody: {
            /**
             * Format: date-time
             * @description When he was added.
             */
            created_at: string;
            /**
             * Format: date-time
             * @description Since when he cannot sign in.
             */
            disabled_at?: string | null;
            /** @description The e-mail address, by which he signs in. */
            email: string;
            /** @description `usr_…` */
            id: string;
            /** @description The name. */
            name: string;
            /** @description What he may do. */
            role: components["schemas"]["Role"];
        };
        /** @description What to change about a user. */
        UserChange: {
            /** @description True: he cannot sign in, his sessions end and his API keys are revoked. False: he can again. */
            disabled?: boolean | null;
            /** @description The name, 1 to 200 characters. */
            name?: string | null;
            /**
             * @description For a user who is disabled, or is with this: his write keys are revoked, too. They go on working otherwise,
             *     since the sites and apps of the brand send with them; he may know their secrets. Nothing makes a revoked key
             *     work again.
             */
            revoke_keys?: boolean | null;
            role?: null | components["schemas"]["Role"];
        };
        /** @description A user to choose. */
        UserChoice: {
            /** @description The e-mail address. */
            email: string;
            /** @description `usr_…` */
            id: string;
            /** @description The name. */
            name: string;
        };
        /** @description A user who is wanted. */
        UserInput: {
            /** @description The e-mail address. */
            email: string;
            /** @description The name, 1 to 200 characters. */
            name: string;
            /**
             * Format: password
             * @description His first password, at least 10 characters.
             */
            password: string;
            /** @description What he may do; only an owner can add an owner. */
            role: components["schemas"]["Role"];
        };
        /**
         * @description What the values of a trait are.
         * @enum {string}
         */
        ValueType: "any" | "text" | "number" | "boolean" | "date" | "list" | "object";
        /** @description Variables that belong together. */
        VariableGroup: {
            /** @description What they are, in English. */
            en: string;
            /** @description Events, each with what it says. */
            events: components["schemas"]["EventVariables"][];
            /** @description The variables; those of events stand under `events`. */
            items: components["schemas"]["TemplateVariable"][];
            /** @description `member`, `event`, `workspace`, `message` or `links`. */
            root: string;
            /** @description The same in Chinese. */
            zh: string;
        };
        /**
         * @description What is known of a difference.
         * @enum {string}
         */
        Verdict: "no_goal" | "no_comparison" | "too_early" | "raises" | "lowers" | "no_difference_shown";
        /** @description One version. */
        VersionDto: {
            /** @description The document; not in lists. */
            document?: Record<string, never> | null;
            /** @description Whether it is the one that members enter, as long as the journey lets anybody in. */
            is_current: boolean;
            /**
             * Format: date-time
             * @description When it was published.
             */
            published_at: string;
            /** @description By whom. */
            published_by: string;
            /**
             * Format: int64
             * @description Runs that are under way on it.
             */
            under_way: number;
            /**
             * Format: int64
             * @description Counts from 1.
             */
            version: number;
        };
        /** @description What a version brought about. */
        VersionLift: {
            /** @description Both sides. */
            lift: components["schemas"]["Lift"];
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
        };
        /**
         * @description How an answer is shown.
         * @enum {string}
         */
        ViewBody: "line" | "bar" | "table" | "number" | "funnel" | "heat" | "sankey";
        /** @description A whole way. */
        WayDto: {
            /** @description Whether it ended before it had as many events as a path may have. */
            ended: boolean;
            /** @description The events, in the order in which they happened. */
            events: string[];
            /**
             * Format: int64
             * @description How many members.
             */
            members: number;
        };
        /** @description How the webhook of a step answers. */
        WebhookReply: {
            /** @description How long it takes, such as `PT5S`; no time when left out. */
            after?: string | null;
            /**
             * Format: int32
             * @description The status; 200 when left out.
             */
            status?: number | null;
            /** @description Traits that the answer gives. */
            traits?: Record<string, never> | null;
        };
        /**
         * @description Whose clock is meant.
         * @enum {string}
         */
        Whose: "member" | "workspace";
        /**
         * @description Why members do not count.
         * @enum {string}
         */
        WhyNotCounted: "no_goal" | "nobody_left_out" | "nobody_addressed";
        /** @description When messages of one kind of channel may go. */
        Windows: {
            /** @description The hours; a message may go in any of them. */
            open: components["schemas"]["Hours"][];
            /** @description What becomes of a message that is due outside of them. */
            then?: components["schemas"]["Then"];
            /** @description By whose clock. */
            zone?: components["schemas"]["Whose"];
        };
        /** @description A sentence in both languages. */
        Words: {
            /** @description In English. */
            en: string;
            /** @description In Chinese. */
            zh: string;
        };
        /** @description A brand's isolated data, as it is shown. */
        WorkspaceBody: {
            /**
             * Format: date-time
             * @description When it was made.
             */
            created_at: string;
            /**
             * @description The country (ISO 3166-1 alpha-2) of phone numbers that come in without a code; none where they stay rows of
             *     digits.
             * @example CN
             */
            default_country?: string | null;
            /** @description `wrk_…` */
            id: string;
            /** @description The brand. */
            name: string;
            /**
             * @description Where Hearth is reached, as its configuration says; none where it does not say so, and the address by which one
             *     came is as good as any.
             * @example https://hearth.example.com
             */
            public_url?: string | null;
            /**
             * @description The IANA time zone in which days begin and calendar durations count.
             * @example Asia/Shanghai
             */
            time_zone: string;
        };
        /** @description What to change about the workspace. */
        WorkspaceChange: {
            /**
             * @description The country (ISO 3166-1 alpha-2) of phone numbers that come in without a code; an empty text for none. It
             *     concerns what comes in from now on: identities that are there stay as they are.
             * @example CN
             */
            default_country?: string | null;
            /** @description The brand, 1 to 200 characters. */
            name?: string | null;
            /**
             * @description An IANA time zone.
             * @example Asia/Shanghai
             */
            time_zone?: string | null;
        };
    };
    responses: {
        /** @description What went wrong, and what to do about it */
        Problem: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["ProblemBody"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    post_2_httpapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AmplitudeUpload"];
            };
        };
        responses: {
            /** @description Every event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeAccepted"];
                };
            };
            /** @description None is accepted; the refused ones are named and kept as dead letters */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            /** @description More than 1 MB or 2,000 events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_audit: {
        parameters: {
            query?: {
                /** @description Only this action. */
                action?: string;
                /** @description Only by this actor. */
                actor?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only from this moment on. */
                from?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only about this id. */
                target?: string;
                /** @description Only before this moment. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of changes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_AuditLine"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_audit_export: {
        parameters: {
            query?: {
                /** @description Only this action. */
                action?: string;
                /** @description Only by this actor. */
                actor?: string;
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only from this moment on. */
                from?: string;
                /** @description Only about this id. */
                target?: string;
                /** @description Only before this moment. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_boards: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_BoardDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_boards: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BoardBody"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_boards_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_boards_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BoardBody"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_boards_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_channel_kinds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelKinds"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_channels: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Channel"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannel"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_channels_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_channels_by_id: {
        parameters: {
            query?: {
                /** @description Whether to say only what would be cancelled, and change nothing. */
                dry_run?: boolean;
            };
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Deletion"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_channels_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChannelChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels_by_id_dkim: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewKey"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyRecord"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels_by_id_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels_by_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_channels_by_id_status: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelStatus"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels_by_id_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tested"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_channels_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_channels_test: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ChannelDraft"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelTrial"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_choices: {
        parameters: {
            query: {
                /**
                 * @description Kinds, with commas between them: `channels`, `templates`, `segments`, `journeys`, `users`, `stages`, `tags`,
                 *     `groups`, `topics`.
                 * @example segments,tags
                 */
                kinds: string;
                /** @description Only those whose names hold this text. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is of these kinds */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Choices"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_dead_letters: {
        parameters: {
            query?: {
                /** @description Only those that were refused for this reason. */
                code?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of dead letters */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_DeadLetterItem"];
                };
            };
            /** @description The query cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:read */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_dead_letters_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The dead letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeadLetterItem"];
                };
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:read */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is none with this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_dead_letters_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:write */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is none with this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_dead_letters_by_id_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Its id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["ReplayOne"];
            };
        };
        responses: {
            /** @description It is in the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            /** @description It is refused again */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:write */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description There is none with this id */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has been replayed, so it cannot be corrected any more */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The body does not have the expected form */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_dead_letters_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only those that were refused for this reason. */
                code?: string;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_dead_letters_replay: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ReplayMany"];
            };
        };
        responses: {
            /** @description What became of each */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Replayed"];
                };
            };
            /** @description The body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:write */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The body does not have the expected form */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_deliveries: {
        parameters: {
            query?: {
                /** @description Only those through this channel. */
                channel?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only those asked for at this moment or later. */
                from?: string;
                /** @description Only those of this journey. */
                journey?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only those to this member. */
                member?: string;
                /** @description Only those that are in their state for this reason. */
                reason?: string;
                /** @description Only those in this state. */
                state?: string;
                /** @description Only those made from this template. */
                template?: string;
                /** @description Only those asked for before this moment. */
                to?: string;
                /** @description Only those about this topic. */
                topic?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Delivery"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_deliveries_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The delivery */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliveryWithHistory"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_deliveries_by_id_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The delivery */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_deliveries_by_id_settle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The delivery */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Settlement"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Delivery"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_deliveries_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CancelRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cancelled"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_deliveries_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only those through this channel. */
                channel?: string;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those asked for at this moment or later. */
                from?: string;
                /** @description Only those of this journey. */
                journey?: string;
                /** @description Only those to this member. */
                member?: string;
                /** @description Only those that are in their state for this reason. */
                reason?: string;
                /** @description Only those in this state. */
                state?: string;
                /** @description Only those made from this template. */
                template?: string;
                /** @description Only those asked for before this moment. */
                to?: string;
                /** @description Only those about this topic. */
                topic?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_deliveries_summary: {
        parameters: {
            query?: {
                /** @description Only those through this channel. */
                channel?: string;
                /** @description Only those of this journey. */
                journey?: string;
                /** @description Only those of this step of it. */
                step?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DeliverySummary"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_erasures: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ErasureDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_erasures_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_erasures_by_id_certificate_html: {
        parameters: {
            query?: {
                /** @description `zh` or `en`; the browser's when left out. */
                lang?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A page without scripts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_erasures_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventList"];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description No event is accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Not authenticated */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Needs ingest:write */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_explain: {
        parameters: {
            query?: {
                /** @description Which message (`dlv_…`), instead of a journey. */
                delivery?: string;
                /** @description In which journey (`jrn_…`). */
                journey?: string;
                /** @description Whom (`mem_…`). Needed with a journey. */
                member?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_goals: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_GoalDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_goals: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoalBody"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoalDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_goals_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoalDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_goals_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoalBody"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GoalDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_goals_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_groups: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_GroupDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_groups_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GroupDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_groups_by_id_members: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_groups_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How data flows */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SystemHealth"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_holdout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Holdout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_holdout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HoldoutChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Holdout"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_holdout_report: {
        parameters: {
            query: {
                /** @description From when it counts; by default since the holdout is as it is, at most thirty days back. */
                from?: string;
                /** @description The event that counts, such as `Order Completed`. */
                goal_event: string;
                /** @description Until when it counts; by default until now. At most 400 days after `from`. */
                to?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HoldoutReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_home: {
        parameters: {
            query?: {
                /** @description `yesterday`, until the same time: the part `before`. It is there in any case; the parameter says that one means it. */
                compare?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The day */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HomeBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_import_mappings: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MappingBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_import_mappings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMapping"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_import_mappings_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_import_mappings_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewMapping"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MappingBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_import_mappings_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_imports: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_imports: {
        parameters: {
            query?: {
                /** @description The name of the file, 1 to 200 characters. */
                name?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description The file */
        requestBody: {
            content: {
                "application/octet-stream": string;
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_imports_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_imports_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    post_imports_by_id_detect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Reading"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_imports_by_id_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MappingChoice"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_imports_by_id_rejects: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_imports_by_id_rows: {
        parameters: {
            query?: {
                /** @description 1 to 100; 20 when left out. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RowsBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_imports_by_id_start: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MappingChoice"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_imports_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_attribution: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AttributionQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttributionAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_distribution: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DistributionQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DistributionAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_funnel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FunnelQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FunnelAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_interval: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["IntervalQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IntervalAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_lifecycle: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LifecycleQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LifecycleAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_members: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BehindQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BehindAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_members_segment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SnapshotOfNumber"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentOfNumber"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_path: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PathQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PathAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_sql: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["QueryBody"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_insight_sql_history: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_PastQuery"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_insight_sql_schema: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["QueryTables"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_insight_standing: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HistoryStandingDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_insight_trend: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TrendQuestion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TrendAnswer"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_jobs: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only those of this kind. */
                kind?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only one's own (`true`), which everybody may see; those of others are for administrators. */
                mine?: boolean;
                /** @description Only those in this state: `queued`, `running`, `done`, `failed`, `cancelled`, or `open` for the first two. */
                state?: string;
                /** @description `building`: also say what is being evaluated over history, which is no job. */
                with?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of jobs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsPage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_jobs_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `job_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_jobs_by_id_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `job_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_jobs_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those of this kind. */
                kind?: string;
                /** @description Only one's own (`true`), which everybody may see; those of others are for administrators. */
                mine?: boolean;
                /** @description Only those in this state: `queued`, `running`, `done`, `failed`, `cancelled`, or `open` for the first two. */
                state?: string;
                /** @description `building`: also say what is being evaluated over history, which is no job. */
                with?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description `summary`: without their documents, and with numbers. At most 100 are told at once then. */
                fields?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only those that have this in their names. */
                search?: string;
                /** @description Only those in one of these states, separated by commas: `draft`, `live`, `paused`, `finishing`, `stopped`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ListedJourney"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewJourney"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_journeys_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_journeys_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JourneyChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_enter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Entering"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entered"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entered"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_pause: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["Pause"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedJourney"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_publish: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["Publication"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedJourney"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_publish_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["Publication"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_report: {
        parameters: {
            query?: {
                /** @description Whether messages are counted, too (the default). Without them the answer comes at once, however many runs there are. */
                messages?: boolean;
                /** @description Only this version: runs that are on it now, and for lift and entries, those that began on it. */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyReport"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedJourney"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_runs: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only runs of this member (`mem_…`). */
                member?: string;
                /** @description Only those that are `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
                state?: string;
                /** @description Only those that stand at this step now. */
                step?: string;
                /** @description Whether the last lines of their traces are told (the default). */
                trace?: boolean;
                /** @description Only those on this version. */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_RunDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_runs_by_run_trace: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
                run: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TraceDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_runs_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only runs of this member (`mem_…`). */
                member?: string;
                /** @description Only those that are `active`, `completed`, `exited`, `held_out`, `failed` or `stopped`. */
                state?: string;
                /** @description Only those that stand at this step now. */
                step?: string;
                /** @description Whether the last lines of their traces are told (the default). */
                trace?: boolean;
                /** @description Only those on this version. */
                version?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_simulate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSimulation"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It has ended: done, failed or cancelled */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimulationDto"];
                };
            };
            /** @description It is under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimulationDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_simulations: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SimulationDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_simulations_by_job: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description `job_…` */
                job: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SimulationDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_stop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["Stop"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedJourney"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_versions: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_VersionDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_versions_by_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VersionDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_by_id_versions_by_version_restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                version: number;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": null | components["schemas"]["Restoration"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_versions_compare: {
        parameters: {
            query: {
                /** @description A version's number, or `draft`. */
                a: string;
                /** @description A version's number, or `draft`. */
                b: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Comparison"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_by_id_versions_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["JourneyToCheck"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyCheck"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those that have this in their names. */
                search?: string;
                /** @description Only those in one of these states, separated by commas: `draft`, `live`, `paused`, `finishing`, `stopped`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_journeys_starters: {
        parameters: {
            query?: {
                /** @description `zh` or `en`; what is read where the workspace is when left out. */
                lang?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JourneyStarters"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_journeys_starters_by_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                key: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StarterChoice"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MadeOfStarter"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_keys: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of keys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_KeyBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_keys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["KeyInput"];
            };
        };
        responses: {
            /** @description The key with its secret, which is not shown again */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyCreated"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_keys_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `key_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key no longer opens anything */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_keys_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_live: {
        parameters: {
            query: {
                /**
                 * @description What to watch, separated by commas, at most 20: `jobs`, `imports`, `pipeline`, `segments`, `segment:seg_…`, `member:mem_…`,
                 *     `journeys`, `journey:jrn_…`, `deliveries`, `tasks`.
                 */
                topics: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A stream without end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_login: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LoginInput"];
            };
        };
        responses: {
            /** @description Signed in; the cookie `hearth_session` is set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_logout: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Signed out, or was not signed in */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_me_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OwnPasswordInput"];
            };
        };
        responses: {
            /** @description The new password counts */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members: {
        parameters: {
            query?: {
                /** @description Only members who were first seen at or after this moment. */
                created_from?: string;
                /** @description Only members who were first seen before this moment. */
                created_to?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /**
                 * @description What to show of each member, between commas: `name` (the traits of which names are made), `identities`, a kind of
                 *     identity such as `email`, `traits`, one of them as `traits.city`, `tags`, `segments`, `consent`. What is not named is
                 *     left empty; id, stage and dates are always there. Everything when left out.
                 */
                fields?: string;
                /** @description Only members of this group (`grp_…`). */
                group?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only members whose profiles do not show this tag; may be repeated. */
                not_tag?: string[];
                /** @description Any part of an identity or of what the traits say, in upper or lower case, at most 1,000 characters; or a whole id. */
                q?: string;
                /** @description The same as `q`, by its older name. */
                search?: string;
                /** @description Only members in this segment (`seg_…`). */
                segment?: string;
                /** @description Only members in this life-cycle stage. */
                stage?: string;
                /** @description Only members whose profiles show this tag; may be repeated, and all must hold. */
                tag?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_members_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MemberChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_consent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The member */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ConsentItem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_members_by_id_consent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The member */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ConsentItem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_consent_history: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The member */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ConsentItem"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_members_by_id_erase: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ErasureRequest"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description It is under way */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_export: {
        parameters: {
            query?: {
                /** @description `json` (when left out) or `html`. */
                format?: string;
                /** @description For `html`: `zh` or `en`; the browser's when left out. */
                lang?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description One object with one list for each kind of data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_export_html: {
        parameters: {
            query?: {
                /** @description `zh` or `en`; the browser's when left out. */
                lang?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description A page without scripts */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_members_by_id_merge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeRequest"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merged"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_members_by_id_merge_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MergeRequest"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MergePreview"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_runs: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description `active`: only those that are under way. `all` (the default): also those that have ended. */
                state?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MemberRun"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_members_by_id_split: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SplitRequest"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Split"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_members_by_id_tags: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_tags_history: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string | null;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number | null;
                /** @description Only those of this tag. */
                tag?: string | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TagChangeDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_timeline: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only entries of this name. */
                event?: string;
                /** @description Only what happened at or after this moment. */
                from?: string;
                /**
                 * @description Which kinds of entries, separated by commas: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`,
                 *     `delivery`, which together are `event`; `tag`, `segment`, `stage`, `merge`, `consent`, `journey`. Everything
                 *     when left out, or for `all`.
                 */
                kind?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only what came from this source, such as a key or an operator. */
                source?: string;
                /** @description Only what happened before this moment. */
                to?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TimelineEntry"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_timeline_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only entries of this name. */
                event?: string;
                /** @description Only what happened at or after this moment. */
                from?: string;
                /**
                 * @description Which kinds of entries, separated by commas: `track`, `identify`, `page`, `screen`, `group`, `alias`, `command`,
                 *     `delivery`, which together are `event`; `tag`, `segment`, `stage`, `merge`, `consent`, `journey`. Everything
                 *     when left out, or for `all`.
                 */
                kind?: string;
                /** @description Only what came from this source, such as a key or an operator. */
                source?: string;
                /** @description Only what happened before this moment. */
                to?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_by_id_timeline_facets: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TimelineFacets"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_members_export: {
        parameters: {
            query?: {
                /** @description Whether a CSV file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /**
                 * @description Names of columns between commas: `id`, `user_id`, `email`, `phone`, `anonymous_id`, `identities.<kind>` (accounts
                 *     and devices), `tags`, `segments`, `stage`, `created_at`, `last_seen_at`, or a trait. All of them when left out. A
                 *     trait whose name is one of these or has a comma is written as `traits.NAME`.
                 */
                columns?: string;
                /** @description Only members who were first seen at or after this moment. */
                created_from?: string;
                /** @description Only members who were first seen before this moment. */
                created_to?: string;
                /**
                 * @description Whether a text in a CSV file that a spreadsheet would take for a formula gets an apostrophe before it. True by
                 *     default.
                 */
                escape_formulas?: boolean;
                /** @description `csv` (the default) or `xlsx`. */
                format?: string;
                /** @description Only members of this group (`grp_…`). */
                group?: string;
                /** @description Only members whose profiles do not show this tag; may be repeated. */
                not_tag?: string[];
                /** @description Any part of an identity or of what the traits say, in upper or lower case, at most 1,000 characters; or a whole id. */
                q?: string;
                /** @description The same as `q`, by its older name. */
                search?: string;
                /** @description Only members in this segment (`seg_…`). */
                segment?: string;
                /** @description Only members in this life-cycle stage. */
                stage?: string;
                /** @description Only members whose profiles show this tag; may be repeated, and all must hold. */
                tag?: string[];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_merge_suggestions: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string | null;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number | null;
                /** @description Only those about this member. */
                member?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SuggestionDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_merge_suggestions_by_id_accept: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Merged"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_merge_suggestions_by_id_dismiss: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_merge_suggestions_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those about this member. */
                member?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_merges: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string | null;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number | null;
                /** @description Only those that this member was part of. */
                member?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MergeDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_merges_by_id_undo: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Undone"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_merges_by_id_undo_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UndoPreview"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_merges_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those that this member was part of. */
                member?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_names: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamesWanted"];
            };
        };
        responses: {
            /** @description The names of those that are there */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Names"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_outbox: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_outbox_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentPolicy"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_outbox_policy: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewPolicy"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CurrentPolicy"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_outbox_queue: {
        parameters: {
            query?: {
                /** @description Only what goes through this channel. */
                channel?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only what this journey asked for. */
                journey?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only what goes to this member. */
                member?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Queued"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_outbox_queue_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only what goes through this channel. */
                channel?: string;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only what this journey asked for. */
                journey?: string;
                /** @description Only what goes to this member. */
                member?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_retention: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetentionChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Retention"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_rule_words: {
        parameters: {
            query: {
                /** @description The name of the events. */
                event?: string;
                /** @description How many at most (1 to 200, default 50). */
                limit?: number;
                /**
                 * @description `events`, `properties` (of `event`), `traits`, `values` (of `trait`, or of `event` and `property`), `tags`, `stages`,
                 *     `segments` or `groups`.
                 */
                of: "events" | "properties" | "traits" | "values" | "tags" | "stages" | "segments" | "groups";
                /** @description A property of these events. */
                property?: string;
                /** @description Only words with this text in them, in upper or lower case; of tags, those that begin with it. */
                search?: string;
                /** @description The trait. */
                trait?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RuleWords"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_search: {
        parameters: {
            query: {
                /** @description How many of each kind at most (1 to 20, default 5). */
                limit?: number;
                /** @description A name, an address, a phone number, an id, or a part of one; at most 200 characters. */
                q: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was found, by kind */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SegmentDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_segments: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSegment"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_segments_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_segments_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SegmentChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_changes: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string | null;
                /** @description Only entries, or only exits. */
                entered?: boolean | null;
                /** @description Only those at or after this moment. */
                from?: string | null;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number | null;
                /** @description Only those of this member. */
                member?: string | null;
                /** @description Only those before this moment. */
                to?: string | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_SegmentChangeDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_changes_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only entries, or only exits. */
                entered?: boolean | null;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those at or after this moment. */
                from?: string | null;
                /** @description Only those of this member. */
                member?: string | null;
                /** @description Only those before this moment. */
                to?: string | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_export: {
        parameters: {
            query?: {
                /** @description Whether a CSV file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /**
                 * @description Names of columns between commas: `id`, `user_id`, `email`, `phone`, `anonymous_id`, `identities.<kind>` (accounts
                 *     and devices), `tags`, `segments`, `stage`, `created_at`, `last_seen_at`, or a trait. All of them when left out. A
                 *     trait whose name is one of these or has a comma is written as `traits.NAME`.
                 */
                columns?: string;
                /**
                 * @description Whether a text in a CSV file that a spreadsheet would take for a formula gets an apostrophe before it. True by
                 *     default.
                 */
                escape_formulas?: boolean;
                /** @description `csv` (the default) or `xlsx`. */
                format?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_members: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberList"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_overlap: {
        parameters: {
            query: {
                /** @description The other segment. */
                with: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overlap"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_sample: {
        parameters: {
            query?: {
                /** @description How many members (1 to 500, default 50). */
                limit?: number | null;
                /** @description Another seed gives another sample; 0 when left out. */
                seed?: number | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_MemberDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_sizes: {
        parameters: {
            query?: {
                /** @description From this moment on; 30 days ago when left out. */
                from?: string | null;
                /** @description Up to this moment; now when left out. */
                to?: string | null;
                /** @description `hour`, `day` (when left out), `week` or `month`, of the workspace's calendar. */
                unit?: string | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sizes"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_segments_by_id_snapshot: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewSnapshot"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_by_id_usage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SegmentUsage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_segments_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PreviewDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_segments_sizes: {
        parameters: {
            query?: {
                /** @description From this moment on; 30 days ago when left out. */
                from?: string | null;
                /** @description Ids of segments between commas, at most 100; of all when left out, the newest 100. */
                ids?: string | null;
                /** @description Up to this moment; now when left out. */
                to?: string | null;
                /** @description `hour`, `day` (when left out), `week` or `month`, of the workspace's calendar. */
                unit?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SizesOfSegments"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_session_state: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How things stand */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SessionState"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_setup: {
        parameters: {
            query?: {
                /** @description The token of the set-up link. */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The link works */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    post_setup: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SetupInput"];
            };
        };
        responses: {
            /** @description Set up and signed in */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_stages: {
        parameters: {
            query?: {
                /** @description Whether to count who is on which rung. True when left out; names alone are quicker. */
                numbers?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ladder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_stages: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewLadder"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Ladder"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_stages_transitions: {
        parameters: {
            query: {
                /**
                 * @description The first moment, as RFC 3339 has it, or a date such as `2026-03-01`, which begins at midnight in the workspace's
                 *     time zone.
                 */
                from: string;
                /** @description The second moment, or the date that is the last one counted; now when left out. */
                to?: string | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Transitions"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_suppressions: {
        parameters: {
            query?: {
                /**
                 * @description Only this address. The last page then also shows what it does not get because of somebody who had it and was
                 *     erased; no list shows those otherwise.
                 */
                address?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_Suppression"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_suppressions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SuppressedAddress"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Suppression"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_suppressions: {
        parameters: {
            query: {
                /** @description The address. */
                address: string;
                /** @description Kind of channel. */
                channel_kind: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_suppressions_export: {
        parameters: {
            query?: {
                /**
                 * @description Only this address. The last page then also shows what it does not get because of somebody who had it and was
                 *     erased; no list shows those otherwise.
                 */
                address?: string;
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tag_groups: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TagGroupDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_tag_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTagGroup"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagGroupDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_tag_groups_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTagGroup"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagGroupDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_tag_groups_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tag_groups_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tags: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Whether to count who carries them. True when left out; a list of names to choose from is quicker without. */
                numbers?: boolean;
                /** @description Only tags that begin so, in upper or lower case as they are written. */
                prefix?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TagDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_tags_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TagDefinition"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BegunJob"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_tags_by_name: {
        parameters: {
            query?: {
                /** @description Takes it off all members who carry it; without that, a tag that members carry is not deleted. */
                remove?: boolean;
            };
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BegunJob"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tags_by_name_usage: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TagUsage"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_tags_bulk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BulkTagChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BulkPreview"];
                };
            };
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BegunJob"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tags_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Whether to count who carries them. True when left out; a list of names to choose from is quicker without. */
                numbers?: boolean;
                /** @description Only tags that begin so, in upper or lower case as they are written. */
                prefix?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tasks: {
        parameters: {
            query?: {
                /** @description Only those for this user, as the journey names him. */
                assignee?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description Only those due before this moment. */
                due_before?: string;
                /** @description Only those of this journey. */
                journey?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only those about this member. */
                member?: string;
                /** @description Only those for the caller, whichever of his names the journey has: id, e-mail address or name. */
                mine?: boolean;
                /**
                 * @description `newest` (the default), or `due`: what is due first comes first, what is never due last. Unless another `state` is
                 *     given, those are the open ones.
                 */
                order?: string;
                /** @description Only those that are `open`, `done`, `expired` or `cancelled`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TaskDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tasks_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_tasks_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskAssignment"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_tasks_by_id_complete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TaskCompletion"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tasks_counts: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskCounts"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_tasks_export: {
        parameters: {
            query?: {
                /** @description Only those for this user, as the journey names him. */
                assignee?: string;
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only those due before this moment. */
                due_before?: string;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those of this journey. */
                journey?: string;
                /** @description Only those about this member. */
                member?: string;
                /** @description Only those for the caller, whichever of his names the journey has: id, e-mail address or name. */
                mine?: boolean;
                /**
                 * @description `newest` (the default), or `due`: what is due first comes first, what is never due last. Unless another `state` is
                 *     given, those are the open ones.
                 */
                order?: string;
                /** @description Only those that are `open`, `done`, `expired` or `cancelled`. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates: {
        parameters: {
            query?: {
                /** @description Only those for this kind of channel, such as `email`. */
                channel_kind?: string;
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description `summary`: without what they say. */
                fields?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
                /** @description Only those that have this in their names or subjects. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_ListedTemplate"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_templates_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_templates_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_templates_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateChange"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_by_id_compare: {
        parameters: {
            query: {
                /** @description The one version. */
                from: number;
                /** @description The other. */
                to: number;
            };
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateComparison"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_by_id_preview: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplatePreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePreview"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_by_id_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateTest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateTestQueued"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_by_id_versions: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The template */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplateVersion"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_by_id_versions_by_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateVersion"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_by_id_versions_by_version_restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The template */
                id: string;
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Template"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Only those for this kind of channel, such as `email`. */
                channel_kind?: string;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
                /** @description Only those that have this in their names or subjects. */
                search?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_lint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplateBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateLint"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_partials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplatePartial"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_partials: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplatePartialBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePartial"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_partials_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The partial */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePartial"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_templates_partials_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The partial */
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TemplatePartialBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePartial"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_templates_partials_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The partial */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_partials_by_name_versions: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path: {
                /** @description The partial */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TemplatePartialVersion"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_partials_by_name_versions_by_version: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The partial */
                name: string;
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePartialVersion"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_partials_by_name_versions_by_version_restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The partial */
                name: string;
                /** @description The version */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePartial"];
                };
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_templates_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTemplatePreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplatePreview"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_templates_variables: {
        parameters: {
            query?: {
                /** @description Of this event instead. */
                event?: string;
                /** @description The template (`tpl_…`): the events are those with which its journeys begin. Those of all journeys when left out. */
                template?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TemplateVariables"];
                };
            };
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_topics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TopicDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_topics_by_topic: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The topic, such as news */
                topic: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TopicChange"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopicDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_topics_by_topic: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The topic */
                topic: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_topics_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_traits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_TraitDto"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    put_traits_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TraitDefinition"];
            };
        };
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_traits_by_name: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            "4XX": {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_traits_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_users: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: string;
                /** @description How many items at most (1 to 500, default 50). */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page of users */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Page_UserBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_users: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserInput"];
            };
        };
        responses: {
            /** @description The user */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    delete_users_by_id: {
        parameters: {
            query?: {
                /**
                 * @description Whether his write keys are revoked, too (`true` or `false`, which it is when left out). They go on working
                 *     otherwise, since the sites and apps of the brand send with them; he may know their secrets.
                 */
                revoke_keys?: boolean;
            };
            header?: never;
            path: {
                /** @description `usr_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description He is no longer a user */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RemovedUser"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_users_by_id: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `usr_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserChange"];
            };
        };
        responses: {
            /** @description The user, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedUser"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_users_by_id_keys: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `usr_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description His keys and sessions */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeysBefore"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_users_by_id_password: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description `usr_…` */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PasswordInput"];
            };
        };
        responses: {
            /** @description The new password counts */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    get_users_export: {
        parameters: {
            query?: {
                /** @description Whether the file begins with a byte order mark, without which Excel does not show Chinese. True by default. */
                bom?: boolean;
                /** @description Whether a text that a spreadsheet would take for a formula gets an apostrophe before it. True by default. */
                escape_formulas?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole list as CSV */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The settings */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    patch_workspace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WorkspaceChange"];
            };
        };
        responses: {
            /** @description The settings, changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkspaceBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostHogBatch"];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused; Amplitude's in Amplitude's form */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostHogAccepted"];
                };
            };
            /** @description No event is accepted; the refused ones are kept as dead letters */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description More than 8 MB, 10,000 events of PostHog or 2,000 of Amplitude */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AmplitudeRefused"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_debug: {
        parameters: {
            query?: {
                /** @description The write key */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["SensorsForm"];
            };
        };
        responses: {
            /** @description Every record is durable, or listed as refused and kept as a dead letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SensorsAccepted"];
                };
            };
            /** @description The body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SensorsAccepted"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description More than 4 MB or 10,000 records */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_engage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["MixpanelForm"];
            };
        };
        responses: {
            /** @description Every record is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description No record is accepted; the refused ones are kept as dead letters */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description More than 4 MB or 2,000 records */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_flags: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There are none */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoFlags"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_groups: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["MixpanelForm"];
            };
        };
        responses: {
            /** @description Every record is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description No record is accepted; the refused ones are kept as dead letters */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description More than 4 MB or 2,000 records */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_healthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process is alive */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_hooks_by_kind_by_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The channel */
                channel: string;
                /** @description Kind of the channel */
                kind: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": string;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Taken"];
                };
            };
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_i_v0_e: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostHogEvent"];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostHogAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description More than 8 MB or 10,000 events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_i_v1_analytics_events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PostHogBatch"];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused and kept as a dead letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PostHogResults"];
                };
            };
            /** @description The body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description More than 8 MB or 10,000 events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_import: {
        parameters: {
            query?: {
                /** @description 0 for 200 although some records are refused */
                strict?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MixpanelEvent"][];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description Some events are refused and kept as dead letters; the others are durable */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description More than 8 MB or 2,000 events */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelImported"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_metrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_o_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token, with or without .gif */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A transparent image */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/gif": unknown;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_readyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Requests can be served */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HealthBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_sa: {
        parameters: {
            query?: {
                /** @description The write key */
                token?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["SensorsForm"];
            };
        };
        responses: {
            /** @description Every record is durable, or listed as refused and kept as a dead letter */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SensorsAccepted"];
                };
            };
            /** @description The body cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SensorsAccepted"];
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description More than 4 MB or 10,000 records */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_t_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token of the link */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the address behind the link */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_track: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": components["schemas"]["MixpanelForm"];
            };
        };
        responses: {
            /** @description Every record is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description No record is accepted; the refused ones are kept as dead letters */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description More than 4 MB or 2,000 records */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description An unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MixpanelStatus"];
                    "text/plain": string;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_u_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token of the message */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page with choices */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description A page that says so */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_u_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token of the message */
                token: string;
            };
            cookie?: never;
        };
        /** @description `List-Unsubscribe=One-Click`, or `action=save`, `leave`, `leave_all`, `return` or `return_all` */
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": string;
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The form says nothing */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The link is not valid */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    get_u_confirm_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token of the message */
                token: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page with a button */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The link is not valid */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The link is too old, or the member has refused since */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_u_confirm_by_token: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The signed token of the message */
                token: string;
            };
            cookie?: never;
        };
        /** @description `action=confirm` */
        requestBody: {
            content: {
                "application/x-www-form-urlencoded": string;
            };
        };
        responses: {
            /** @description Confirmed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The link is not valid */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            /** @description The link is too old, or the member has refused since */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": unknown;
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_alias: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_batch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventBatch"];
            };
        };
        responses: {
            /** @description Every event is durable, or listed as refused */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description No event is accepted */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_group: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_identify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_page: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_screen: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    post_v1_track: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EventItem"];
            };
        };
        responses: {
            /** @description The event is durable */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EventsAccepted"];
                };
            };
            /** @description The event is refused; it is kept as a dead letter */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The write key is missing or not valid */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description Neither JSON nor plain text, or an unknown encoding */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The key sends too much */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            /** @description The disk is full or the pipeline too far behind */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["ProblemBody"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
