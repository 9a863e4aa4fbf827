"""Everything a non-programmer edits: settings, brand voice, FAQ, policies, playbooks, platform rules, wording."""
