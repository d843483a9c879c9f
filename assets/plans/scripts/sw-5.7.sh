#!/bin/sh
# SW-5.7: Edit the spec.
set -eu
cd ~
if grep -q '^  rgw_frontend_ssl_certificate:' rgw-spec.before.yaml && ! [ -s rgw-cert.pem ]; then
    echo "the spec holds a certificate and rgw-cert.pem is missing: SW-5.6 first" >&2
    exit 65
fi
# the folded certificate under spec gives way to the block of SW-5.6
awk -v pem=rgw-cert.pem '
    /^  rgw_frontend_ssl_certificate:/ {
        print "  rgw_frontend_ssl_certificate: |"
        while ((getline line < pem) > 0) if (line != "") print "    " line
        folded = 1
        next
    }
    folded && (/^   / || /^$/) { next }
    { folded = 0; print }
' rgw-spec.before.yaml > rgw-spec.new.yaml
if ! grep -q '^extra_container_args:' rgw-spec.new.yaml; then
    cat >> rgw-spec.new.yaml <<'END'
extra_container_args:
  - "-v"
  - "/etc/ssl/certs/ca-certificates.crt:/etc/pki/tls/certs/ca-bundle.crt:ro"
END
fi
mv rgw-spec.new.yaml rgw-spec.yaml
# what changed, without the key
diff rgw-spec.before.yaml rgw-spec.yaml | grep -vE '^[<>] +[A-Za-z0-9+/=]{20,}$' || true
