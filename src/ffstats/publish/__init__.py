"""What readers, reviewers and other tools are given: the page, the paper, the certificate and the data."""
