# Keeps a message as a file of the folder $1. With the word `late` it takes no attachments, and says so only now.
file=$1/$(date +%s%N)
cat >"$file.part"
if [ "$2" = late ] && grep -q '^Content-Type: multipart' "$file.part"; then
    rm "$file.part"
    echo "5.7.1 no attachments here"
    exit 69
fi
mv "$file.part" "$file"
