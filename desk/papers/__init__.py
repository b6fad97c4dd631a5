"""The report as the office hands it in, and the ledger beside it: .docx, .xlsx, .csv, .json, .html."""
