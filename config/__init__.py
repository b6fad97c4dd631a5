"""What a school sets: structure in school.toml, groups in targets.csv, secrets in .env."""
